// The headings, the filter and the layouts.

import { at, icon } from '../common/dom.js';
import { words } from './page.js';
import { list } from './state.js';

/** Marks the heading by which the list is sorted. */
export function showSort() {
  const key = list.sort.replace('-', '');
  const isDown = list.sort.startsWith('-');
  for (const link of document.querySelectorAll('.head button')) {
    const way = link.querySelector('.way');
    way.replaceChildren();
    link.removeAttribute('aria-current');
    if (link.dataset.key !== key) continue;
    link.setAttribute('aria-current', 'true');
    const text = document.createElement('span');
    text.className = 'unseen';
    text.textContent = isDown ? words.descending : words.ascending;
    way.append(icon(isDown ? 'down' : 'up'), text);
  }
}

/** Shows the rows as a list or as a gallery. */
export function showLayout() {
  document.body.classList.toggle('gallery', list.layout === 'gallery');
  document.body.classList.toggle('list', list.layout === 'list');
  document.body.classList.toggle('whole', list.isWhole);
  document.body.dataset.tiles = list.tiles;
  for (const button of at('layouts').children) {
    button.setAttribute('aria-pressed', String(button.value === list.layout));
  }
}
