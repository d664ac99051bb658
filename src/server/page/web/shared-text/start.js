// Copies the text.

import { copyText } from '../text/copy.js';

const button = document.getElementById('copy');
const said = document.getElementById('said');

async function wholeText() {
  if (!button.dataset.all) return document.getElementById('text').textContent;
  const answer = await fetch(button.dataset.all);
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
}

button.addEventListener('click', async () => {
  const isCopied = await wholeText()
    .then(copyText)
    .catch(() => false);
  said.textContent = isCopied ? button.dataset.copied : button.dataset.failed;
});
button.hidden = false;
