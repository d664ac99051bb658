// A file that is on its way.

import { fill, icon } from '../../../server/page/web/common/dom.js';
import { shownSize } from '../../../server/page/web/common/sizes.js';
import { button, make, setText } from './elements.js';
import { texts } from './texts.js';
import { shownTime } from './times.js';

/** A row for it. `end` ends it. */
export function makeTransfer(end) {
  const words = texts.live;
  let shownNow = {};
  const name = make('bdi', 'file');
  const bar = make('progress');
  const told = make('p', 'soft told');
  const stop = button('button plain small', words.end, null, () => end(shownNow.id));
  const root = make('li', 'transfer', icon('get'), make('p', '', name), bar, told, stop);

  function update(transfer) {
    const { direction, file, bytes, size, speed } = transfer;
    if (shownNow.direction !== direction)
      root.querySelector('svg').replaceWith(icon(direction === 'down' ? 'get' : 'send-up'));
    shownNow = transfer;
    setText(name, file);
    bar.setAttribute('aria-label', file);
    stop.setAttribute('aria-label', fill(words.end_of, { name: file }));
    if (size) {
      bar.max = size;
      bar.value = bytes;
    } else {
      bar.removeAttribute('value');
    }
    const values = { size: shownSize(bytes), total: shownSize(size ?? 0) };
    const parts = [
      fill(words[`${direction === 'down' ? 'sent' : 'received'}${size === null ? '_part' : ''}`], values),
      speed && shownSize(speed, '-per-second'),
      speed && size && size > bytes && fill(words.left, { time: shownTime((size - bytes) / speed) }),
    ];
    setText(told, parts.filter(Boolean).join(' · '));
  }

  return { root, update };
}
