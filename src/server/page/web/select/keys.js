// Which keys do what.

import { element, icon } from '../common/dom.js';
import { texts, viewerWords, words } from '../list/page.js';

/** Shows them in a dialog. */
export function showKeyTable() {
  const dialog = element('dialog', 'keys-help');
  const title = element('h2', '', texts.keys);
  title.id = 'keys-title';
  dialog.setAttribute('aria-labelledby', title.id);
  const close = element('button', 'act');
  close.type = 'button';
  close.title = viewerWords.close;
  close.setAttribute('aria-label', viewerWords.close);
  close.append(icon('close'));
  const command = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl';
  const table = element('dl');
  for (const [keys, text] of [
    ['/', words.filter],
    ['Enter', texts.key_open],
    ['← →', texts.key_next],
    ['C', texts.copy_link],
    ['X', texts.select],
    ['Shift + X', texts.key_range],
    [`${command} + A`, texts.select_all],
    ['Esc', texts.key_back],
    ['?', texts.keys],
  ]) {
    const names = element('dt');
    names.append(...keys.split(' ').map((key) => (key === '+' ? ' + ' : element('kbd', '', key))));
    table.append(names, element('dd', '', text));
  }
  dialog.append(title, close, table);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
