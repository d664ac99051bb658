// How long something takes, in words.

import { locales } from '../../../server/page/web/common/locale.js';
import { unitsOf, wholeUnit } from './units.js';

const format = (unit, count, unitDisplay) =>
  new Intl.NumberFormat(locales, { style: 'unit', unit, unitDisplay }).format(count);

/** How long it is, as one or two units: `1 hr, 5 min`. */
export function shownTime(seconds) {
  return unitsOf(seconds)
    .map(([unit, count]) => format(unit, count, 'short'))
    .join(' ');
}

/** A time to choose, in a whole unit: `8 hours`. */
export function shownChoice(seconds) {
  return format(...wholeUnit(seconds), 'long');
}
