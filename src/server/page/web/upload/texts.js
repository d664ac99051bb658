// What the page says, in its language.

import { counted } from '../common/counts.js';
import { at, fill } from '../common/dom.js';
import { locales } from '../common/locale.js';

/** What the server tells: what may be sent, and the texts. */
export const page = JSON.parse(document.getElementById('page').textContent);
/** The texts. */
export const words = page.words;
export const percent = new Intl.NumberFormat(locales, { style: 'percent' });

/** How many files there are. */
export const shownFiles = (n) => counted(words.files, n);

/** How long it takes, in words. */
export function timeLeft(seconds) {
  const [unit, size] = seconds < 60 ? ['second', 1] : seconds < 5400 ? ['minute', 60] : ['hour', 3600];
  const format = new Intl.NumberFormat(locales, { style: 'unit', unit, unitDisplay: 'long' });
  // Seconds in steps of five, which is easier to read.
  const value = size > 1 ? Math.round(seconds / size) : Math.ceil(seconds / 5) * 5;
  return fill(words.left, { time: format.format(value) });
}

/** For screen readers. */
export function say(text) {
  at('said').textContent = text;
}
