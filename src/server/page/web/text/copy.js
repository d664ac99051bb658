// Copies a text.

import { element } from '../common/dom.js';

/** Copies a text, and returns whether that worked. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldStyle(text);
  }
}

// Where the page isn't secure, there is no other way.
function copyOldStyle(text) {
  const area = element('textarea', 'unseen', text);
  area.readOnly = true;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  // What is outside an open dialog can't be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  focused?.focus({ preventScroll: true });
  return isCopied;
}
