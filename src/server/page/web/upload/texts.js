// What the page says, in its language.

import { counted } from '../common/counts.js';
import { at, fill } from '../common/dom.js';
import { locales, number } from '../common/locale.js';

const page = JSON.parse(document.getElementById('page').textContent);
const words = page.words;
const percent = new Intl.NumberFormat(locales, { style: 'percent' });

const shownFiles = (n) => counted(words.files, n);

// As the server shows names: without characters that nobody sees, or that reverse others.
const harmless = (name) =>
  name.replace(
    /[\p{Cc}\u200b\u200e\u200f\u061c\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu,
    '\ufffd',
  );

function timeLeft(seconds) {
  const [unit, size] = seconds < 60 ? ['second', 1] : seconds < 5400 ? ['minute', 60] : ['hour', 3600];
  const format = new Intl.NumberFormat(locales, { style: 'unit', unit, unitDisplay: 'long' });
  // Seconds in steps of five, which is easier to read.
  const value = size > 1 ? Math.round(seconds / size) : Math.ceil(seconds / 5) * 5;
  return fill(words.left, { time: format.format(value) });
}

// For screen readers.
function say(text) {
  at('said').textContent = text;
}
