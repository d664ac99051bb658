// The box that selects a row.

import { element, fill } from '../common/dom.js';
import { texts } from './page.js';

/** It is out of the way of those who use keys until they select; `x` selects the row in focus. */
export function pickBox(entry) {
  const box = element('input', 'pick');
  box.type = 'checkbox';
  box.tabIndex = -1;
  box.checked = entry.isPicked;
  box.setAttribute('aria-label', fill(texts.select_file, { name: entry.name }));
  return box;
}
