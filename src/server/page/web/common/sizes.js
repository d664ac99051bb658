// Readable sizes.

import { locales } from './locale.js';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'];
const sizeFormats = new Map();

/** A number of bytes; with '-per-second' a speed. */
export function shownSize(bytes, per = '') {
  let unit = 0;
  let value = bytes;
  while (value >= (unit ? 999.5 : 1000) && unit + 1 < units.length) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit && value < 9.95 ? 1 : 0;
  const key = per + (unit * 2 + digits);
  if (!sizeFormats.has(key)) {
    sizeFormats.set(
      key,
      new Intl.NumberFormat(locales, {
        style: 'unit',
        unit: units[unit] + per,
        unitDisplay: unit || per ? 'short' : 'long',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
    );
  }
  return sizeFormats.get(key).format(value);
}
