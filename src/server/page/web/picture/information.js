// What is known about a picture: its pixels, when and with what it was taken, and where if the owner shows that.

import { fullFormat, shownDate } from '../common/dates.js';
import { element } from '../common/dom.js';
import { locales, number } from '../common/locale.js';
import { shownSize } from '../common/sizes.js';
import { texts, words } from '../list/page.js';
import { about } from '../viewer/about.js';

const wallTime = new Intl.DateTimeFormat(locales, { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' });

let panel = null;

/** Shows the information beside the picture, or no longer. */
export function toggleInformation({ frame }, button) {
  if (!panel) {
    panel = element('aside', 'info');
    panel.setAttribute('aria-label', button.getAttribute('aria-label'));
    panel.tabIndex = 0;
    frame.append(panel);
  }
  const isOpen = frame.classList.toggle('informed');
  button.setAttribute('aria-pressed', String(isOpen));
  panel.hidden = !isOpen;
  if (isOpen) fillPanel();
}

/** Takes the information away. */
export function closeInformation({ frame }) {
  frame.classList.remove('informed');
  if (panel) panel.hidden = true;
}

const shown = { entry: null, image: null, signal: null };

/** To be called when a picture has loaded. */
export function takePicture(entry, image, frame, signal) {
  Object.assign(shown, { entry, image, signal });
  if (frame.classList.contains('informed')) fillPanel();
  signal.addEventListener('abort', () => panel?.replaceChildren());
}

async function fillPanel() {
  const { entry, image, signal } = shown;
  // The first picture is still loading.
  if (!entry) return;
  const facts = await about(entry, signal);
  if (signal.aborted) return;
  const { naturalWidth, naturalHeight } = image;
  const isWhole = !image.classList.contains('rendition');
  const [width, height] = facts.width
    ? [facts.width, facts.height]
    : isWhole
      ? [naturalWidth, naturalHeight]
      : [];
  const rows = [
    [texts.pixels, width && `${number.format(width)} × ${number.format(height)}`],
    [words.size, shownSize(entry.size)],
    [texts.taken, facts.taken && takenAt(facts.taken)],
    [words.changed, shownDate(fullFormat, entry.time)],
    [texts.camera, facts.camera],
    [texts.lens, facts.lens],
    [texts.exposure, exposure(facts)],
    [texts.place, place(facts)],
  ];
  const all = element('dl');
  for (const [name, value] of rows) {
    if (!value) continue;
    const row = element('div');
    const said = element('dd');
    said.append(element('bdi', '', value));
    row.append(element('dt', '', name), said);
    all.append(row);
  }
  panel.replaceChildren(all);
}

// Cameras tell the time of the place, not which one it is.
function takenAt(text) {
  const [, year, month, day, hour, minute] = (
    /^(\d{4})\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)/.exec(text) ?? []
  ).map(Number);
  return year ? shownDate(wallTime, Date.UTC(year, month - 1, day, hour, minute) / 1000) : text;
}

/** Where a picture was taken, as maps take it. */
export function place({ latitude, longitude }) {
  return latitude === undefined ? '' : `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
}

/** How a picture was exposed, in the way of photographers. */
export function exposure({ exposure: seconds, aperture, iso, focal_length: length }) {
  const parts = [];
  if (seconds > 0)
    parts.push(`${seconds < 0.3 ? `1/${number.format(Math.round(1 / seconds))}` : number.format(seconds)} s`);
  if (aperture) parts.push(`f/${number.format(aperture)}`);
  if (iso) parts.push(`ISO ${number.format(iso)}`);
  if (length) parts.push(`${number.format(Math.round(length * 10) / 10)} mm`);
  return parts.join(' · ');
}
