// The state of the list in the address bar.

import { page } from './page.js';
import { list } from './state.js';
import { encoded } from './text.js';

// The state that other folders have as well.
function carried() {
  const pairs = [];
  if (list.sort !== 'name') pairs.push('sort=' + list.sort);
  if (list.isLayoutChosen) pairs.push('view=' + list.layout);
  if (list.tiles !== 'medium') pairs.push('tiles=' + list.tiles);
  if (list.isWhole) pairs.push('whole=1');
  return pairs;
}

/** Gives a link to another folder the order and the layout of this one. */
export function carry(link) {
  const [folder] = link.getAttribute('href').split('?');
  link.setAttribute('href', [folder, carried().join('&')].filter(Boolean).join('?'));
}

/** The query of the list's state, with a file that is open. */
export function query(open) {
  const pairs = [...carried(), ...[...list.only].map((each) => 'only=' + each)];
  if (list.filter) pairs.push('filter=' + encoded(list.filter));
  if (list.isBelow) pairs.push('below=1');
  if (open) pairs.push('open=' + open);
  return pairs.length ? '?' + pairs.join('&') : location.pathname;
}

/** A value in the address bar, as it is there. */
export function asked(key) {
  return allAsked(key)[0];
}

function allAsked(key) {
  const pairs = location.search.slice(1).split('&');
  return pairs.filter((each) => each.startsWith(key + '=')).map((each) => each.slice(key.length + 1));
}

/** Takes the state of the list from the address bar. */
export function takeFromUrl() {
  const sort = asked('sort') ?? 'name';
  list.sort = /^-?(name|kind|size|changed)$/.test(sort) ? sort : 'name';
  const layout = asked('view');
  list.isLayoutChosen = layout === 'list' || layout === 'gallery';
  list.layout = list.isLayoutChosen ? layout : page.layout;
  const tiles = asked('tiles');
  list.tiles = tiles === 'small' || tiles === 'large' ? tiles : 'medium';
  list.isWhole = asked('whole') === '1';
  list.only = new Set(allAsked('only'));
  try {
    list.filter = decodeURIComponent(asked('filter') ?? '');
  } catch {
    list.filter = '';
  }
  list.isBelow = Boolean(list.filter) && asked('below') === '1';
}

/** Puts the state of the list into the address bar, with a file that is open. */
export function remember(open) {
  try {
    history.replaceState(history.state, '', query(open));
  } catch {
    // Safari limits how often it can be changed. The next change includes this one.
  }
}
