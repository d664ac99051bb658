// Copies the text.

const button = document.getElementById('copy');
const said = document.getElementById('said');

// Where the page isn't secure, there is no other way.
function copyOldStyle(text) {
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  area.className = 'unseen';
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  button.focus();
  return isCopied;
}

async function wholeText() {
  if (!button.dataset.all) return document.getElementById('text').textContent;
  const answer = await fetch(button.dataset.all);
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
}

async function copy() {
  const text = await wholeText();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldStyle(text);
  }
}

button.addEventListener('click', async () => {
  const isCopied = await copy().catch(() => false);
  said.textContent = isCopied ? button.dataset.copied : button.dataset.failed;
});
button.hidden = false;
