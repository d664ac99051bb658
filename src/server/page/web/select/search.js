// The search in all folders below. What is found appears as it is found.

import { counted } from '../common/counts.js';
import { remember } from '../list/address.js';
import { arrange } from '../list/arrange.js';
import { draw } from '../list/blocks.js';
import { linesOf } from '../list/entries.js';
import { Entry } from '../list/entry.js';
import { sorted } from '../list/order.js';
import { texts } from '../list/page.js';
import { list } from '../list/state.js';
import { say } from '../list/status.js';
import { encoded } from '../list/text.js';

// How long a visitor may pause while typing, and how often the list is drawn, in milliseconds.
const TYPING = 250;
const PACE = 250;

let running = null;
let wait = 0;

/** Turns it on or off. */
export function turnSearch() {
  list.isBelow = !list.isBelow;
  arrange();
  searchBelow();
  remember();
}

/** Searches for what the visitor has typed, or shows the folder again. */
export function searchBelow() {
  const text = list.filter.trim();
  if (list.isBelow && running?.text === text && list.found) {
    // Only the order is another one.
    showFound();
    return;
  }
  clearTimeout(wait);
  running?.cancel.abort();
  running = null;
  if (!list.isBelow) {
    list.found = null;
    arrange();
    return;
  }
  running = { text, cancel: new AbortController() };
  say(texts.searching);
  wait = setTimeout(findBelow, TYPING, running);
}

async function findBelow({ text, cancel: { signal } }) {
  const found = [];
  list.found = found;
  const pace = setInterval(() => {
    if (list.shown.length !== found.length) showFound();
  }, PACE);
  signal.addEventListener('abort', () => clearInterval(pace));
  let cut = null;
  try {
    const response = await fetch('./?rows&search=' + encoded(text), { signal });
    if (!response.ok) throw new Error(response.statusText);
    for await (const line of linesOf(response.body)) {
      const row = JSON.parse(line);
      if (Array.isArray(row)) found.push(entryOf(row, found.length));
      else ({ cut } = row);
    }
    clearInterval(pace);
    showFound();
    tellFound(found.length, cut);
    // The address may ask for one of these.
    document.dispatchEvent(new Event('found'));
  } catch {
    clearInterval(pace);
    if (signal.aborted) return;
    showFound();
    say(texts.search_failed);
  }
}

function tellFound(count, cut) {
  const text = counted(texts.count.found, count);
  say(cut ? `${text} ${texts.search_cut}` : text);
}

// The folder is as in a URL.
function entryOf([name, kind, size, time, code, folder], rank) {
  const place = folder && (folder.endsWith('/') ? folder : folder + '/');
  let shown = place.slice(0, -1);
  try {
    shown = decodeURIComponent(shown);
  } catch {
    // Not every name is UTF-8.
  }
  return new Entry(name, kind, size, time, place + (code ?? encoded(name)), rank, shown);
}

function showFound() {
  list.shown = sorted(list.found, list.sort);
  draw();
}
