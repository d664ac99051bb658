// Copying of texts.

import { say } from './notices.js';
import { texts } from './texts.js';

/** Copies a text. Without access to the clipboard, `otherwise` does it. */
export async function copy(text, where, otherwise) {
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
