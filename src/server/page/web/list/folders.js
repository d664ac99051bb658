// Links to other folders.

import { carry } from './address.js';

/** Keeps the order and the layout on the way to another folder, and shows the nearest one above. */
export function leadToFolders() {
  // Before a link is followed, opened in a tab, or copied.
  for (const type of ['pointerdown', 'keydown', 'click']) {
    document.addEventListener(
      type,
      ({ target }) => {
        const link = target.closest?.('.folder .open, header nav a');
        if (link) carry(link);
      },
      { capture: true },
    );
  }
  const above = document.querySelector('header nav ol');
  if (above) above.scrollLeft = document.dir === 'rtl' ? -above.scrollWidth : above.scrollWidth;
}
