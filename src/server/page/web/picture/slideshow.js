// A slideshow: the pictures of the list one after the other, from the beginning again after the last.

import { texts } from '../list/page.js';
import { list } from '../list/state.js';
import { viewed } from '../viewer/neighbours.js';
import { go } from '../viewer/viewer.js';

const SHOWN_MS = 4000;
// A picture that doesn't come is passed over.
const LATEST_MS = 20000;

let timer = 0;
let isOn = false;

/** Starts or stops it. */
export function toggleSlideshow({ frame }, button) {
  isOn = !isOn;
  frame.classList.toggle('playing', isOn);
  button.setAttribute('aria-pressed', String(isOn));
  button.title = isOn ? texts.stop_slideshow : texts.slideshow;
  clearTimeout(timer);
  if (isOn) waitForNext();
}

/** To be called when a picture has loaded. */
export function waitForNext() {
  if (!isOn) return;
  clearTimeout(timer);
  timer = setTimeout(next, SHOWN_MS);
}

function next() {
  const pictures = list.shown.filter((entry) => entry.isPicture);
  const entry = pictures[(pictures.indexOf(viewed.entry) + 1) % pictures.length];
  if (!viewed.entry || !entry || entry === viewed.entry) return;
  timer = setTimeout(next, LATEST_MS);
  go(entry);
}

/** Whatever the visitor does stops it, except for showing it on the whole screen. */
export function watchVisitor(viewer, button, signal) {
  const stop = ({ type, key, target }) => {
    if (!isOn) return;
    const isOfTools = target.closest?.('.means') && (type === 'pointerdown' || key === 'Enter');
    if (isOfTools || /^(f| |Shift|Control|Alt|Meta|Tab)$/i.test(key ?? '')) return;
    toggleSlideshow(viewer, button);
  };
  for (const type of ['pointerdown', 'keydown', 'wheel']) {
    viewer.dialog.addEventListener(type, stop, { signal, capture: true, passive: true });
  }
  // A file of another kind has no slideshow.
  signal.addEventListener('abort', () => {
    if (isOn) toggleSlideshow(viewer, button);
  });
}
