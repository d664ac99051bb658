// Pictures: a blurred one at once, then one as large as the screen.

import { element } from '../common/dom.js';
import { ground } from '../common/ground.js';
import { viewerWords } from '../list/page.js';
import { SMALL_BYTES } from '../list/thumbnails.js';
import { neighbour } from './neighbours.js';
import { rendition } from './rendition.js';

// The longer side of a picture that the server has made smaller, in pixels.
const RENDITION_SIDE = 2048;

/**
 * Shows a picture.
 * @param {(image: HTMLImageElement) => void} shown
 * @param {(mayBeLost: boolean) => void} failed
 */
export function showPicture(entry, stage, signal, shown, failed) {
  const image = new Image();
  image.alt = entry.name;
  image.onload = () => {
    if (signal.aborted) return;
    // Zooming may load the file itself into it.
    image.onload = image.onerror = null;
    const { naturalWidth: width, naturalHeight: height } = image;
    // The picture itself is larger than the stage, even if this has fewer pixels.
    if (isRendition(image) && Math.max(width, height) >= RENDITION_SIDE) {
      image.classList.add('rendition');
      image.style.setProperty('--ratio', String(width / height));
    }
    const lies = ground(image, entry.name);
    if (lies) image.classList.add('clear', lies);
    stage.replaceChildren(image);
    shown(image);
    for (const way of [1, -1]) preload(neighbour(way));
  };
  image.onerror = () => {
    if (signal.aborted) return;
    // The browser may be able to show what the server can't.
    if (isRendition(image)) image.src = entry.url;
    else failed(!hasArrived(image, entry.size));
  };
  image.src = rendition(entry);
  signal.addEventListener('abort', () => {
    image.onload = image.onerror = null;
    if (!image.complete) image.src = '';
  });
  if (image.complete) return;
  // A small file arrives as soon as its thumbnail would, and may have fewer pixels than the stage.
  if (entry.thumbnail && entry.size > SMALL_BYTES) {
    const first = new Image();
    first.className = 'first';
    first.alt = '';
    first.src = entry.thumbnail;
    stage.append(first);
  } else {
    stage.append(element('p', 'wait', viewerWords.loading));
  }
}

// Whether the browser has had all of the file.
const hasArrived = (image, size) => performance.getEntriesByName(image.src).at(-1)?.decodedBodySize === size;

const isRendition = (image) => image.src.includes('?preview');

function preload(entry) {
  if (!entry?.isPicture) return;
  const source = rendition(entry);
  if (source !== entry.url || entry.size < 2000000) new Image().src = source;
}
