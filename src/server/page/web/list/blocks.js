// The rows of a long list: only those near the viewport are rendered.

import { at } from '../common/dom.js';
import { list } from './state.js';
import { watchPicture } from './thumbnails.js';

// Rows that are rendered and removed together.
const BLOCK = 60;
// A list of up to this many rows is rendered in full.
const WHOLE = 600;

/** Where the rows are; missing on a page without any. */
export const box = at('entries');

// Blocks in or near the viewport are rendered; the others only keep their height.
const near = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting, boundingClientRect } of seen) {
    if (isIntersecting) fillBlock(target);
    else if (target.childElementCount) {
      target.style.height = boundingClientRect.height + 'px';
      target.replaceChildren();
    }
  }
}, { rootMargin: '1500px 0px' });

function fillBlock(block) {
  if (block.childElementCount) return;
  block.replaceChildren(...block.entries.map((entry) => entry.row()));
  block.style.height = '';
  block.entries.forEach(watchPicture);
}

/** Draws the list anew. */
export function draw() {
  near.disconnect();
  const { shown } = list;
  const top = window.scrollY;
  const focused = document.activeElement?.closest('.e') && document.activeElement;
  const step = shown.length <= WHOLE ? Math.max(shown.length, 1) : BLOCK;
  const blocks = [];
  for (let start = 0; start < shown.length; start += step) {
    const block = document.createElement('ol');
    block.entries = shown.slice(start, start + step);
    blocks.push(block);
  }
  if (blocks.length) fillBlock(blocks[0]);
  if (blocks.length > 1) {
    // Added to the old rows before they are removed: a shorter page would lose the scroll position.
    box.append(blocks[0]);
    const height = blocks[0].getBoundingClientRect().height;
    for (const block of blocks.slice(1)) {
      block.style.height = (height * Math.ceil(block.entries.length / BLOCK * 12) / 12) + 'px';
    }
    // What is visible is rendered at once, the rest on scrolling.
    const first = Math.max(Math.floor(-box.getBoundingClientRect().top / height), 0);
    blocks.slice(first, first + 2).forEach(fillBlock);
  }
  box.replaceChildren(...blocks);
  // Browsers scroll along with rows that have moved.
  if (window.scrollY !== top) window.scrollTo(0, top);
  if (blocks.length > 1) blocks.forEach((block) => near.observe(block));
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}
