// What the list shows.

import { page } from './page.js';

/** @type {import('./types').List} */
export const list = {
  all: [], // entries sorted by name
  ordered: null, // the same in the requested order
  shown: [], // those that match the filter
  sort: page.sort,
  layout: page.layout,
  isLayoutChosen: false,
  tiles: 'medium', // how large they are
  isWhole: false, // tiles show all of a picture
  only: new Set(), // if there are some, only these are shown, as in URLs
  filter: '',
  isBelow: false, // the search goes through all folders below
  found: null, // what it has found
};
