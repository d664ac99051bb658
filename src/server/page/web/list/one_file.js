// The page of a single shared file.

import { element, isForBrowser } from '../common/dom.js';
import { loadPart } from '../viewer/parts.js';
import { openViewer } from '../viewer/viewer.js';
import { Entry } from './entry.js';
import { kinds } from './page.js';

/** The file, if the page is that of a single one. */
export function onlyFile() {
  const place = document.querySelector('.one');
  if (!place) return null;
  const { k, s, t, name, url } = place.dataset;
  const entry = new Entry(name, Number(k), Number(s), Number(t), url.slice(2), 0);
  place.addEventListener('click', (event) => {
    if (!event.target.closest('.open') || isForBrowser(event)) return;
    event.preventDefault();
    openViewer(entry);
  });
  if (entry.kind >= kinds.markdown && entry.kind <= kinds.code) showText(entry, place);
  return entry;
}

async function showText(entry, place) {
  // The file below says it all.
  if (entry.kind === kinds.markdown && document.querySelector('.readme')) {
    place.remove();
    return;
  }
  const text = element('div', 'text');
  try {
    const part = await loadPart('text');
    await part.showText(entry, text, new AbortController().signal);
    place.replaceChildren(text);
    place.classList.add('read');
  } catch {
    // The way to open it stays.
  }
}
