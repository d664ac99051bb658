// The rows of a table, sorted by a column.

import { folded } from '../list/text.js';
import { numberIn } from './columns.js';
import { pause } from './pause.js';

const CHUNK = 20000;

/**
 * The indices of rows in the order of a column. Empty cells come last. Long tables are sorted in
 * pieces, so that the page stays responsive.
 */
export async function sortedRows(sheet, first, column, place, isDown) {
  const keys = [];
  for (let index = first; index < sheet.rows; index++) {
    const cell = (sheet.row(index)[place] ?? '').trim();
    keys.push(column.isNumeric ? numberIn(cell, column) : folded(cell));
    if (index % 5000 === 4999) await pause();
  }
  const isEmpty = (key) => key === '' || Number.isNaN(key);
  const sign = isDown ? -1 : 1;
  const compare = (a, b) => {
    const [left, right] = [keys[a], keys[b]];
    if (isEmpty(left) || isEmpty(right)) return Number(isEmpty(left)) - Number(isEmpty(right));
    return left < right ? -sign : Number(left > right) * sign;
  };
  let runs = [];
  for (let start = 0; start < keys.length; start += CHUNK) {
    const length = Math.min(CHUNK, keys.length - start);
    runs.push(Array.from({ length }, (_, index) => start + index).sort(compare));
    await pause();
  }
  while (runs.length > 1) {
    const merged = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(merge(runs[index], runs[index + 1] ?? [], compare));
      await pause();
    }
    runs = merged;
  }
  return (runs[0] ?? []).map((index) => index + first);
}

function merge(left, right, compare) {
  const merged = [];
  let at = 0;
  for (const each of left) {
    while (at < right.length && compare(right[at], each) < 0) merged.push(right[at++]);
    merged.push(each);
  }
  while (at < right.length) merged.push(right[at++]);
  return merged;
}
