// Thumbnails load shortly before they scroll into view, a few at a time. Those that cameras embed
// are coarse; once all have loaded, sharper ones replace those still in view.

import { ground } from '../common/ground.js';
import { askAbout, waitForConnection } from '../viewer/failure.js';
import { viewed } from '../viewer/neighbours.js';
import { loadPart } from '../viewer/parts.js';
import { kinds } from './page.js';
import { list } from './state.js';
import { looksCoarse, sharpPixels } from './tiles.js';

const waiting = new Set();
const failed = new Set();
let loading = 0;
const AT_A_TIME = 6;
const SHARP_AT_A_TIME = 2;
/** Up to this size, in bytes, a file is its own thumbnail. */
export const SMALL_BYTES = 32768;

const sight = new IntersectionObserver(
  (seen) => {
    for (const { target, isIntersecting } of seen) {
      if (isIntersecting) waiting.add(target.closest('.e').entry);
      else waiting.delete(target.closest('.e').entry);
    }
    loadPictures();
  },
  { rootMargin: '400px 0px' },
);

/** Loads the picture of an entry when its row comes near. */
export function watchPicture(entry) {
  if (entry.thumbnail && (!entry.hasPicture || isCoarse(entry)))
    sight.observe(entry.element.querySelector('.pic'));
  if (entry.kind === kinds.video && list.layout === 'gallery' && !entry.hasPicture) watchVideo(entry);
}

async function watchVideo(entry) {
  try {
    (await loadPart('gallery')).watchPoster(entry);
  } catch {
    // It has an icon.
  }
}

const isCoarse = ({ size, pixels }) => size > SMALL_BYTES && looksCoarse(pixels);

/** Loads those that wait. Behind an open file they go on waiting, so that it has the line for itself. */
export function loadPictures() {
  if (viewed.entry) return;
  for (const entry of waiting) {
    if (loading >= AT_A_TIME) return;
    if (!entry.hasPicture) loadPicture(entry, entry.thumbnail);
  }
  for (const entry of waiting) {
    if (loading >= SHARP_AT_A_TIME) return;
    loadPicture(entry, entry.sharpThumbnail);
  }
}

function loadPicture(entry, source) {
  const place = entry.element.querySelector('.pic');
  const before = place.querySelector('img');
  waiting.delete(entry);
  sight.unobserve(place);
  entry.hasPicture = true;
  loading += 1;
  const sharp = sharpPixels();
  const image = new Image();
  image.alt = '';
  image.decoding = 'async';
  const done = () => {
    loading -= 1;
    loadPictures();
  };
  image.onload = () => {
    image.className = 'there';
    entry.isTriedAgain = false;
    const lies = ground(image, entry.name);
    if (lies) image.dataset.ground = lies;
    before?.remove();
    // The second one is replaced only if larger tiles need more.
    entry.pixels = before ? sharp : Math.min(image.naturalWidth, image.naturalHeight);
    if (isCoarse(entry)) sight.observe(place);
    done();
  };
  image.onerror = () => {
    image.remove();
    failed.add(entry);
    if (failed.size === 1) tryFailedAgain(entry.url);
    done();
  };
  image.src = source;
  place.append(image);
}

async function tryFailedAgain(url) {
  if ((await askAbout(url)) === 'lost') waitForConnection(url, null, () => retry(true));
  else retry(false);
}

// A picture that can't be made fails, too. So while the server answers, each is tried once more.
function retry(wasLost) {
  const entries = [...failed];
  failed.clear();
  for (const entry of entries) {
    if (entry.isTriedAgain) {
      entry.pixels = Infinity;
      continue;
    }
    entry.isTriedAgain = !wasLost;
    entry.hasPicture = entry.pixels > 0;
    if (entry.element.isConnected) watchPicture(entry);
  }
}
