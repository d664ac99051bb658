// How to open a share as a drive: what to paste on each system.

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

function makeDrive(id) {
  const words = texts.drive;
  const list = element('dl');
  const root = element(
    'details',
    'drive',
    element('summary', '', words.title),
    element('p', 'soft', words.text),
    list,
    element('p', 'soft', words.password),
    element('p', 'soft', words.windows_limit),
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
        const shown = element('kbd', '', line);
        shown.dir = 'ltr';
        const copies = button('bare', words.copy, 'copy', () => copy(line, copies));
        const name = element('dt', '', words[system]);
        name.id = `drive-${id}-${system}`;
        copies.setAttribute('aria-describedby', name.id);
        return [name, element('dd', '', shown, copies)];
      }),
    );
  }

  return { root, update };
}
