// What a row has for those who use a mouse: the box that selects it, and the button that copies its link.

import { element, fill, icon } from '../common/dom.js';
import { texts } from './page.js';
import { withPart } from './picks.js';

/** It is out of the way of those who use keys until they select; `x` selects the row in focus. */
export function pickBox(entry) {
  const box = element('input', 'pick');
  box.type = 'checkbox';
  box.tabIndex = -1;
  box.checked = entry.isPicked;
  box.setAttribute('aria-label', fill(texts.select_file, { name: entry.name }));
  return box;
}

/** So is this one; `c` copies the link of the row in focus. */
export function linkButton(entry) {
  const copy = element('button', 'copy-link');
  copy.type = 'button';
  copy.tabIndex = -1;
  copy.title = texts.copy_link;
  copy.setAttribute('aria-label', fill(texts.copy_link_to, { name: entry.name }));
  copy.append(icon('link'));
  // It neither opens nor selects the row.
  copy.addEventListener('click', (event) => {
    event.stopPropagation();
    withPart('copyOne', entry);
  });
  return copy;
}
