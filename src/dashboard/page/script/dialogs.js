// Dialogs over the page.

function openDialog(dialog) {
  dialog.showModal();
  dialog.querySelector('h2').focus();
}

for (const dialog of document.querySelectorAll('dialog')) {
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
  // A click beside it closes it.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
}

// `which` is added for the link in the local network.
async function showQrCode({ id, name }, which = '') {
  const dialog = at('qr-dialog');
  try {
    const { size, path } = await (await request(`/qr/${id}${which}`)).json();
    const picture = dialog.querySelector('.code');
    picture.setAttribute('viewBox', `0 0 ${size} ${size}`);
    const [ground, code] = picture.children;
    ground.setAttribute('width', size);
    ground.setAttribute('height', size);
    code.setAttribute('d', path);
    dialog.querySelector('h2').replaceChildren(...filled(texts.card.qr_title, { name }));
    openDialog(dialog);
  } catch {
    notify(texts.failed);
  }
}

// Asks before something that can't be undone. Resolves to true if the user agrees.
function ask(title, text, yes) {
  const dialog = at('ask-dialog');
  dialog.querySelector('h2').textContent = title;
  dialog.querySelector('p').textContent = text;
  const agree = dialog.querySelector('[data-yes]');
  agree.textContent = yes;
  openDialog(dialog);
  return new Promise((resolve) => {
    agree.onclick = () => {
      resolve(true);
      dialog.close();
    };
    dialog.addEventListener('close', () => resolve(false), { once: true });
  });
}

// Copies a text. Without access to the clipboard, `otherwise` does it.
async function copy(text, where, otherwise) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!(await otherwise?.())) return;
  }
  const label = where.querySelector('span');
  const before = (label.dataset.label ??= label.textContent);
  label.textContent = texts.card.copied;
  where.classList.add('did');
  say(texts.card.copied_said);
  clearTimeout(where.timer);
  where.timer = setTimeout(() => {
    label.textContent = before;
    where.classList.remove('did');
  }, 2500);
}
