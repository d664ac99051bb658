// A row for each file.

import { at, fill } from '../common/dom.js';
import { shownSize } from '../common/sizes.js';
import { AGAIN } from './memory.js';
import { harmless } from './names.js';
import { all, those } from './queue.js';
import { page, shownFiles, timeLeft, words } from './texts.js';

/** Of more files than this, only those that matter now have a row. */
export const MOST_ROWS = 100;

const dirty = new Set();

/** Its row will be drawn again. */
export const redraw = (item) => dirty.add(item);

/** Writes only what has changed, so that nothing is announced or selected anew. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** An item of a list. */
export function fileRow(name, more) {
  const made = document.createElement('li');
  const [first, second] = [document.createElement('bdi'), document.createElement('span')];
  first.textContent = harmless(name);
  second.textContent = more;
  made.append(first, second);
  return made;
}

function itemsToShow() {
  if (all.size <= MOST_ROWS) return [...all.values()];
  const { item } = document.activeElement.closest('#items > li') ?? {};
  const items = ['sending', 'failed', 'paused', 'waiting', 'ready', 'done'].flatMap((state) => those(state));
  return [...new Set(all.has(item?.key) ? [item, ...items] : items)].slice(0, MOST_ROWS);
}

/** Draws those that have changed. The focus goes to `otherwise` where there is none left. */
export function drawRows(otherwise) {
  const list = at('items');
  const items = itemsToShow();
  const shown = new Set(items);
  const focused = document.activeElement;
  const place = [...list.children].findIndex((row) => row.contains(focused));
  for (const row of [...list.children]) if (!shown.has(row.item)) row.remove();
  items.forEach((item, place) => {
    const row = item.row ?? newRow(item);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place]);
  });
  if (place >= 0 && document.activeElement !== focused) {
    // The focus goes to the next row if its own is gone.
    const near = list.children[Math.min(place, items.length - 1)]?.querySelector('.no');
    (focused.isConnected ? focused : (near ?? otherwise)).focus();
  }
  for (const item of dirty)
    if (shown.has(item)) drawRow(item);
    else item.row = null;
  dirty.clear();
  const more = all.size - items.length;
  write(at('more'), more ? `+ ${shownFiles(more)}` : '');
}

function newRow(item) {
  const row = at('row').content.firstElementChild.cloneNode(true);
  const name = harmless(item.path);
  const end = name.lastIndexOf('/') + 1;
  row.item = item;
  row.title = name;
  row.querySelector('small').textContent = name.slice(0, end);
  row.querySelector('bdi').textContent = name.slice(end);
  row.querySelector('progress').ariaLabel = name;
  row.querySelector('.no').ariaLabel = fill(words.remove_file, { name });
  item.row = row;
  dirty.add(item);
  return row;
}

const ACTS = { waiting: 'pause', sending: 'pause', paused: 'resume', failed: 'retry' };
const SIGNS = { done: 'done', failed: 'warning' };

function drawRow({ row, state, size, offset, trouble: kind, since, from }) {
  const act = ACTS[state];
  const [sign, sign2] = row.querySelectorAll('use');
  const [first, last] = row.querySelectorAll('button');
  const bar = row.querySelector('progress');
  const total = shownSize(size);
  const part = offset && state !== 'done' ? fill(words.part, { size: shownSize(offset), total }) : total;
  const pace = since && offset > from ? ((offset - from) * 1000) / (performance.now() - since) : 0;
  row.className = state;
  sign.setAttribute('href', '#' + (SIGNS[state] ?? 'file'));
  first.hidden = !act || (state === 'failed' && !(kind in AGAIN));
  last.hidden = state === 'done';
  if (act) {
    sign2.setAttribute('href', '#' + act);
    first.title = words[act];
    first.ariaLabel = fill(words[`${act}_file`], { name: row.title });
  }
  bar.hidden = !/sending|paused|waiting/.test(state) || (state === 'waiting' && !offset);
  bar.value = size && offset / size;
  const isTooLarge = kind === 'too_large' && page.maxBytes;
  const text = {
    sending: pace ? [part, shownSize(pace, '-per-second'), timeLeft((size - offset) / pace)] : [part],
    failed: [isTooLarge ? fill(words.too_large_file, { size: shownSize(page.maxBytes) }) : words[kind]],
    ready: [part],
  }[state] ?? [part, words[state]];
  write(row.querySelector('.state'), text.join(' · '));
}
