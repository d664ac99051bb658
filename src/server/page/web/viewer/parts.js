// Parts of the script that only some visitors need. The page's policy allows exactly these.

import { element } from '../common/dom.js';
import { page } from '../list/page.js';

const requested = new Map();

/**
 * What a part exports. It is loaded when it is first needed.
 * @param {string} name
 */
export function loadPart(name) {
  if (!requested.has(name)) {
    const part = insert(name);
    requested.set(name, part);
    // The connection may be back at the next attempt.
    part.catch(() => requested.delete(name));
  }
  return requested.get(name);
}

async function insert(name) {
  const response = await fetch(`./?part=${name}&v=${page.parts[name]}`);
  if (!response.ok) throw new Error(response.statusText);
  const { script, style } = await response.json();
  document.head.append(element('style', '', style), element('script', '', script));
  const { parts } = globalThis.spotServe;
  // The page may be older than the program that is asked.
  if (!parts[name]) throw new Error(`the part ${name} is another one`);
  return parts[name];
}
