// What the visitor does with the list.

import { at, isForBrowser } from '../common/dom.js';
import { canView } from '../viewer/neighbours.js';
import { openViewer } from '../viewer/viewer.js';
import { remember } from './address.js';
import { arrange } from './arrange.js';
import { box, draw, preparePrinting } from './blocks.js';
import { offerPicks, withPart } from './picks.js';
import { list } from './state.js';
import { showLayout, showSort } from './toolbar.js';

/** Shows what the visitor wants to see now, in this folder or in all below. */
export function rearrange() {
  arrange();
  if (list.isBelow || list.found) withPart('search');
}

/** Starts to listen to the visitor. */
export function listen() {
  document.querySelector('.head').addEventListener('click', (event) => {
    const link = event.target.closest('button');
    if (!link || isForBrowser(event)) return;
    event.preventDefault();
    const { key } = link.dataset;
    const startsDown = key === 'size' || key === 'changed';
    if (list.sort.replace('-', '') === key) {
      list.sort = list.sort.startsWith('-') ? key : '-' + key;
    } else {
      list.sort = (startsDown ? '-' : '') + key;
    }
    showSort();
    rearrange();
    remember();
  });
  at('layouts').addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    list.layout = button.value;
    list.isLayoutChosen = true;
    showLayout();
    draw();
    remember();
  });
  const input = at('filter').querySelector('input');
  input.value = list.filter;
  input.addEventListener('input', () => {
    list.filter = input.value;
    rearrange();
    remember();
  });
  preparePrinting();
  offerPicks();
  box.addEventListener('click', (event) => {
    const row = event.target.closest('.e');
    if (!row || event.target.closest('.get') || isForBrowser(event)) return;
    const link = row.querySelector('.open');
    if (canView(row.entry)) {
      event.preventDefault();
      openViewer(row.entry);
    } else if (!link.contains(event.target)) {
      // The time, which covers the link of its row.
      link.click();
    }
  });
}
