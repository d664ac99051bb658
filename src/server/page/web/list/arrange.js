// Puts the entries in order, and leaves out those that don't match the filter.

import { fill } from '../common/dom.js';
import { number } from '../common/locale.js';
import { draw } from './blocks.js';
import { sorted } from './order.js';
import { words } from './page.js';
import { offerSearch } from './picks.js';
import { list } from './state.js';
import { say } from './status.js';
import { folded } from './text.js';

/** Sorts again only if necessary, to keep typing responsive. */
export function arrange() {
  const text = folded(list.filter.trim());
  list.isBelow &&= text !== '';
  offerSearch();
  if (list.isBelow) return;
  const { ordered } = list;
  if (ordered?.sort !== list.sort || ordered.all !== list.all) {
    list.ordered = { sort: list.sort, all: list.all, entries: sorted(list.all, list.sort) };
  }
  const { only } = list;
  document.body.classList.toggle('some', only.size > 0);
  const { entries: every } = list.ordered;
  const entries = only.size ? every.filter((entry) => only.has(entry.path)) : every;
  list.shown = text ? entries.filter((entry) => entry.has(text)) : entries;
  draw();
  if (!text && !only.size) say('');
  else if (text && list.shown.length === 0) say(fill(words.nothing_matches, { text: list.filter.trim() }));
  else
    say(fill(words.matching, { n: number.format(list.shown.length), total: number.format(list.all.length) }));
}
