// How to open a share as a drive: what to paste on each system.

import { copy } from './copying.js';
import { button, make, setShown } from './elements.js';
import { texts } from './texts.js';

// The programs, and what each of them wants for an address. The names are the same in every language.
const DRIVES = [
  ['windows', (address) => `net use *\x20${address}`],
  ['mac', (address) => address],
  ['gnome', (address) => address.replace(/^http/, 'dav')],
  ['kde', (address) => address.replace(/^http/, 'webdav')],
  ['linux', (address) => `sudo mount -t davfs -o ro ${address} /mnt`],
  ['rclone', (address) => `rclone copy :webdav:\x20Folder --webdav-url ${address}`],
  ['phone', (address) => address],
];

/** What a card says about it. */
export function makeDrive(id) {
  const words = texts.drive;
  const list = make('dl');
  const root = make(
    'details',
    'drive',
    make('summary', '', words.title),
    make('p', 'soft', words.text),
    list,
    make('p', 'soft', words.password),
    make('p', 'soft', words.windows_limit),
  );
  let shownFor = null;

  function update(card) {
    const isDrive = card.link && ['folder', 'files'].includes(card.kind);
    setShown(root, isDrive);
    if (!isDrive || shownFor === card.link) return;
    shownFor = card.link;
    const address = new URL('/', card.link).href;
    list.replaceChildren(
      ...DRIVES.flatMap(([system, lineFor]) => {
        const line = lineFor(address);
        const shown = make('kbd', '', line);
        shown.dir = 'ltr';
        const copies = button('bare', words.copy, 'copy', () => copy(line, copies));
        const name = make('dt', '', words[system]);
        name.id = `drive-${id}-${system}`;
        copies.setAttribute('aria-describedby', name.id);
        return [name, make('dd', '', shown, copies)];
      }),
    );
  }

  return { root, update };
}
