// The rows of a long list: only those near the viewport are rendered.

import { at } from '../common/dom.js';
import { list } from './state.js';
import { watchPicture } from './thumbnails.js';

// Rows that are rendered and removed together.
const BLOCK = 60;
// A list of up to this many rows is rendered in full.
const WHOLE = 600;
// Firefox ends every element after 17,895,698 pixels. In a longer list, far rows are lower.
const HIGHEST = 12_000_000;
// More rows than this are not printed.
const PRINTED = 30_000;

/** Where the rows are; missing on a page without any. */
export const box = at('entries');

// How much lower far rows are.
let scale = 1;
let isPrinting = false;

// Blocks in or near the viewport are rendered; the others only keep their height.
const near = new IntersectionObserver(
  (seen) => {
    if (isPrinting) return;
    for (const { target, isIntersecting, boundingClientRect } of seen) {
      if (isIntersecting) fillBlock(target);
      else if (target.childElementCount) {
        target.style.height = boundingClientRect.height * scale + 'px';
        target.replaceChildren();
      }
    }
  },
  { rootMargin: '1500px 0px' },
);

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
    scale = Math.min(1, HIGHEST / (height * blocks.length));
    for (const block of blocks.slice(1)) {
      block.style.height = (height * scale * Math.ceil((block.entries.length / BLOCK) * 12)) / 12 + 'px';
    }
    // What is visible is rendered at once, the rest on scrolling.
    const first = Math.max(Math.floor(-box.getBoundingClientRect().top / (height * scale)), 0);
    blocks.slice(first, first + 2).forEach(fillBlock);
  }
  box.replaceChildren(...blocks);
  // Browsers scroll along with rows that have moved.
  if (window.scrollY !== top) window.scrollTo(0, top);
  watchBlocks();
  if (focused?.isConnected) focused.focus({ preventScroll: true });
  document.dispatchEvent(new Event('drawn'));
}

function watchBlocks() {
  near.disconnect();
  if (box.childElementCount > 1) [...box.children].forEach((block) => near.observe(block));
}

/** Renders what is printed, and removes it again. */
export function preparePrinting() {
  window.addEventListener('beforeprint', () => {
    isPrinting = true;
    const blocks = [...box.children].filter((block) => block.entries);
    blocks.slice(0, PRINTED / BLOCK).forEach(fillBlock);
  });
  window.addEventListener('afterprint', () => {
    isPrinting = false;
    watchBlocks();
  });
}
