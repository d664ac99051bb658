// Pictures.

import { element } from '../common/dom.js';
import { viewerWords } from '../list/page.js';
import { card } from './card.js';
import { neighbour } from './neighbours.js';

/** Shows a picture. */
export function showPicture(entry, stage, signal) {
  const image = new Image();
  image.alt = entry.name;
  image.onload = () => {
    if (signal.aborted) return;
    stage.replaceChildren(image);
    // On touch screens people zoom with two fingers.
    if (!matchMedia('(pointer: coarse)').matches) image.onclick = (event) => magnify(stage, image, event);
    // Preloads the picture that is likely to be next.
    const next = neighbour(1);
    if (next?.isPicture && next.size < 12000000) new Image().src = next.url;
  };
  image.onerror = () => {
    if (!signal.aborted) stage.replaceChildren(card(entry, viewerWords.cannot_show));
  };
  image.src = entry.url;
  if (image.complete) return;
  const first = entry.thumbnail && new Image();
  if (first) {
    first.className = 'first';
    first.alt = '';
    first.src = entry.thumbnail;
    stage.append(first);
  } else {
    stage.append(element('p', 'wait', viewerWords.loading));
  }
  signal.addEventListener('abort', () => {
    image.onload = image.onerror = null;
    image.src = '';
  });
}

/**
 * Toggles between fitting the picture and showing it at full size, keeping the point under the
 * pointer in place.
 */
export function magnify(stage, image, { offsetX, offsetY, clientX, clientY }) {
  const isWide = image.naturalWidth > stage.clientWidth || image.naturalHeight > stage.clientHeight;
  if (!isWide && !stage.classList.contains('full')) return;
  const { width, height } = image;
  const { left, top } = stage.getBoundingClientRect();
  if (stage.classList.toggle('full')) {
    stage.scrollTo(
      (offsetX / width) * image.width - clientX + left,
      (offsetY / height) * image.height - clientY + top,
    );
  }
}
