// Dialogs over the page.

import { at } from '../../../server/page/web/common/dom.js';

/** Opens a dialog. */
export function openDialog(dialog) {
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

/** Asks before something that can't be undone. Resolves to true if the user agrees. */
export function ask(title, text, yes) {
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
