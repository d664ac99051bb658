// The page of a single shared file.

import { element, isForBrowser } from '../common/dom.js';
import { isDocument, showDocument } from '../viewer/documents.js';
import { openViewer } from '../viewer/viewer.js';
import { Entry } from './entry.js';
import { kinds, texts } from './page.js';

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
  // It opens in the page.
  const way = place.querySelector('.icon span');
  if (way) way.textContent = texts.key_open;
  if (isDocument(entry) && entry.kind !== kinds.file) showInPlace(entry, place);
  return entry;
}

async function showInPlace(entry, place) {
  // The file below says it all.
  if (entry.kind === kinds.markdown && document.querySelector('.readme')) {
    place.remove();
    return;
  }
  const before = [...place.childNodes];
  const text = element('div', 'text');
  place.replaceChildren(text);
  place.classList.add('read');
  try {
    await showDocument(entry, text, new AbortController().signal);
    if (text.className === 'text') return;
  } catch {
    // The way to open it stays.
  }
  place.classList.remove('read');
  place.replaceChildren(...before);
}
