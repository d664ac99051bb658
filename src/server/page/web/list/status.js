// The line below the list.

import { at } from '../common/dom.js';

const line = at('status');

/** Tells what the list shows, also to screen readers. */
export function say(text) {
  if (line && line.textContent !== text) line.textContent = text;
}
