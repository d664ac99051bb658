// A text line by line, with numbers.

import { element } from '../common/dom.js';

// Browsers skip blocks of lines that are not in view. WebKit takes seconds if each line is one.
const BLOCK = 200;

/**
 * Puts the lines of a text into an element.
 * @param {(string | (string | Node)[])[]} rows
 * @param {string} className
 */
export function numbered(rows, className) {
  const all = element('pre', className);
  for (let start = 0; start < rows.length; start += BLOCK) {
    const part = rows.slice(start, start + BLOCK);
    const block = element('div');
    block.style.containIntrinsicHeight = `auto ${part.length * 1.3563}rem`;
    for (const [index, parts] of part.entries()) {
      const row = element('span');
      // A counter would start again in each block.
      row.dataset.n = String(start + index + 1);
      row.append(...[parts || '\n'].flat());
      block.append(row);
    }
    all.append(block);
  }
  return all;
}

/** The line with this number, if there is one. */
export const lineAt = (all, number) =>
  all.children[Math.floor((number - 1) / BLOCK)]?.children[(number - 1) % BLOCK];

/** The number of the line whose number is at the place of a click, or 0. */
export function numberAt(all, event) {
  const row = event.target.closest('.lines span');
  if (!row) return 0;
  const { left } = row.getBoundingClientRect();
  // Numbers stay in view if the lines are wide.
  const around = all.closest('.stage') ?? all.parentElement;
  const start = Math.max(left, around.getBoundingClientRect().left);
  if (event.clientX - start > parseFloat(getComputedStyle(row).paddingLeft)) return 0;
  return Number(row.dataset.n);
}

/** Shows the lines from one number to another as those that were asked for. */
export function mark(all, from, to) {
  for (const row of all.querySelectorAll('.at')) row.classList.remove('at');
  const first = lineAt(all, from);
  for (let number = from; number <= to; number++) lineAt(all, number)?.classList.add('at');
  return first;
}

/** The width of the longest line, in characters. Those of East Asia take two. */
export function widest(lines) {
  const wide =
    /[\t\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]|[\u{1f000}-\u{3ffff}]/gu;
  let most = 0;
  for (const line of lines) {
    if (line.length * 4 <= most) continue;
    let width = line.length;
    for (const [sign] of line.matchAll(wide)) width += sign === '\t' ? 3 : 1;
    most = Math.max(most, width);
  }
  return most;
}
