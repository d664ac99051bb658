// Long lists of rows: a block of them is made when it comes near the view.

import { element } from '../common/dom.js';

const BLOCK = 200;

/**
 * @template T
 * @param {T[]} items
 * @param {(item: T) => HTMLElement} draw makes an element of a list
 * @returns {HTMLElement[]} lists
 */
export function rows(items, draw) {
  const blocks = [];
  for (let start = 0; start < items.length; start += BLOCK) {
    const part = items.slice(start, start + BLOCK);
    const block = element('ul');
    const fill = () => {
      watch.unobserve(block);
      waiting.delete(block);
      block.style.minHeight = '';
      block.replaceChildren(...part.map(draw));
    };
    blocks.push(block);
    if (start === 0) {
      block.append(...part.map(draw));
      continue;
    }
    block.style.minHeight = `${part.length * 2.75}rem`;
    waiting.set(block, fill);
    watch.observe(block);
  }
  return blocks;
}

const waiting = new Map();
const watch = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) waiting.get(target)?.();
  },
  { rootMargin: '1000px' },
);

/** Forgets the blocks that are not in this element; all, if there is none. */
export function forgetOthers(box) {
  for (const block of waiting.keys()) {
    if (box?.contains(block)) continue;
    watch.unobserve(block);
    waiting.delete(block);
  }
}

/** Makes all of them, such as for printing. */
export function fillAll() {
  for (const [block, fill] of [...waiting]) {
    if (block.isConnected) fill();
    else waiting.delete(block);
  }
}
