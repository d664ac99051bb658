// What is selected.

import { at } from '../common/dom.js';
import { remember } from '../list/address.js';
import { arrange } from '../list/arrange.js';
import { box } from '../list/blocks.js';
import { list } from '../list/state.js';
import { hideBar, showBar } from './bar.js';

const picked = new Set();
let last = null;

/** Selects or deselects an entry; with `isRange`, all from the last one to it. */
export function pickOne(entry, isRange) {
  const isPicked = !entry.isPicked;
  const { shown } = list;
  const [from, to] = [shown.indexOf(last), shown.indexOf(entry)].sort((a, b) => a - b);
  const range = isRange && from >= 0 ? shown.slice(from, to + 1) : [entry];
  for (const each of range) set(each, range.length > 1 || isPicked);
  last = entry;
  start();
}

/** Selects everything that is shown; if it is, nothing. */
export function all() {
  const isPicked = list.shown.some((entry) => !entry.isPicked);
  for (const entry of list.shown) set(entry, isPicked);
  start();
}

function set(entry, isPicked) {
  entry.isPicked = isPicked;
  if (isPicked) picked.add(entry);
  else picked.delete(entry);
  if (!entry.element) return;
  entry.element.classList.toggle('picked', isPicked);
  entry.element.querySelector('.pick').checked = isPicked;
}

/** Rows are selected by a click from now on. */
function start() {
  turn(true);
  showBar([...picked], { all, stop });
}

/** Nothing is selected any more, and all is shown. */
export function stop() {
  for (const entry of picked) set(entry, false);
  last = null;
  turn(false);
  hideBar();
  if (!list.only.size) return;
  list.only.clear();
  arrange();
  remember();
}

export function switchOn() {
  if (document.body.classList.contains('picking')) stop();
  else start();
}

function turn(isOn) {
  document.body.classList.toggle('picking', isOn);
  at('pick').setAttribute('aria-pressed', String(isOn));
  for (const each of box.querySelectorAll('.pick')) each.tabIndex = isOn ? 0 : -1;
}
