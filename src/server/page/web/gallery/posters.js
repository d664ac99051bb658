// Posters of videos: a picture of each, which the browser takes when its tile is in sight.

import { element } from '../common/dom.js';

// So many are taken at a time, each within this time.
const AT_A_TIME = 2;
const PATIENCE_MS = 30_000;
// The very first picture is often black.
const SECOND = 1;
// The shorter side of a poster, in pixels.
const SIDE = 320;
// After so many failures without a success, the browser or the connection is not up to it.
const FAILURES = 3;

const waiting = new Set();
let taken = 0;
let failures = 0;

const sight = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    const { entry } = target.closest('.e');
    if (isIntersecting) waiting.add(entry);
    else waiting.delete(entry);
  }
  takeNext();
});

/** Takes a picture of a video once its tile is in sight, if that costs the visitor little. */
export function watch(entry) {
  if (!entry.hasPicture && isCheap()) sight.observe(entry.element.querySelector('.pic'));
}

// Some browsers tell what the connection is like.
function isCheap() {
  const { saveData, effectiveType } = navigator.connection ?? {};
  return !saveData && !/[23]g/.test(effectiveType) && failures < FAILURES;
}

function takeNext() {
  for (const entry of waiting) {
    if (taken >= AT_A_TIME) return;
    waiting.delete(entry);
    sight.unobserve(entry.element.querySelector('.pic'));
    if (isCheap()) takePoster(entry);
  }
}

async function takePoster(entry) {
  entry.hasPicture = true;
  taken += 1;
  const video = element('video');
  try {
    const image = new Image();
    image.alt = '';
    image.className = 'there';
    image.src = await frameOf(video, entry.url);
    entry.element.querySelector('.pic').append(image);
    failures = 0;
  } catch {
    failures += 1;
  }
  // Ends the connection.
  video.removeAttribute('src');
  video.load();
  taken -= 1;
  takeNext();
}

// A frame of a video as the URL of a JPEG.
async function frameOf(video, url) {
  const late = AbortSignal.timeout(PATIENCE_MS);
  Object.assign(video, { muted: true, playsInline: true, preload: 'metadata', src: url });
  await happens(video, 'loadedmetadata', late);
  video.currentTime = Math.min(SECOND, video.duration / 3 || 0);
  await happens(video, 'seeked', late);
  // Some browsers have no picture yet.
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await happens(video, 'loadeddata', late);
  const { videoWidth: width, videoHeight: height } = video;
  // What can't be decoded has none.
  if (!width) throw new Error('no picture');
  const scale = Math.min(1, SIDE / Math.min(width, height));
  const canvas = element('canvas');
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  const pen = canvas.getContext('2d');
  // A browser may take a moment more, and draw nothing until then.
  for (;;) {
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    if (pen.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3]) break;
    late.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return canvas.toDataURL('image/jpeg', 0.75);
}

const happens = (video, type, signal) =>
  new Promise((resolve, reject) => {
    video.addEventListener(type, resolve, { once: true, signal });
    video.addEventListener('error', reject, { once: true, signal });
    signal.addEventListener('abort', reject);
  });
