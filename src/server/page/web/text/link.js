// Links to lines: the address says which ones, and a click on a number changes that.

import { asked, remember } from '../list/address.js';
import { mark, numberAt } from './lines.js';

/** Shows the lines that the address asks for, and follows clicks on their numbers. */
export function linkLines(entry, all) {
  const most = all.children.length * 200;
  const wanted = (asked('line') ?? '').split('-');
  const [from, to = from] = wanted.map((each) => Math.min(Number(each), most));
  if (from > 0) {
    const row = mark(all, from, to);
    // Lines above may turn out to be higher when they come into view.
    for (const wait of [0, 1, 2]) afterFrames(wait, () => row?.scrollIntoView({ block: 'center' }));
  }
  let start = from;
  all.addEventListener('click', (event) => {
    const number = numberAt(all, event);
    if (!number) return;
    if (!event.shiftKey || !(start > 0)) start = number;
    const [first, last] = [Math.min(start, number), Math.max(start, number)];
    mark(all, first, last);
    remember(`${entry.code}&line=${first}${first === last ? '' : `-${last}`}`);
    if (event.shiftKey) getSelection()?.removeAllRanges();
  });
}

function afterFrames(count, act) {
  if (count) requestAnimationFrame(() => afterFrames(count - 1, act));
  else act();
}
