// Readable dates and times. They are seconds since 1970.

import { locales } from './locale.js';

const dayFormat = new Intl.DateTimeFormat(locales, { dateStyle: 'medium' });
export const fullFormat = new Intl.DateTimeFormat(locales, { dateStyle: 'full', timeStyle: 'short' });
const ageFormat = new Intl.RelativeTimeFormat(locales, { numeric: 'auto' });
const DAY = 86400;

export function shownAge(seconds) {
  const age = Date.now() / 1000 - seconds;
  if (age >= 0 && age < 60) return ageFormat.format(0, 'second');
  if (age >= 0 && age < 3600) return ageFormat.format(-Math.floor(age / 60), 'minute');
  if (age >= 0 && age < DAY) return ageFormat.format(-Math.floor(age / 3600), 'hour');
  if (age >= 0 && age < 7 * DAY) return ageFormat.format(-Math.floor(age / DAY), 'day');
  return shownDate(dayFormat, seconds);
}

// File systems can report times that are not valid dates.
export function shownDate(format, seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? '' : format.format(date);
}
