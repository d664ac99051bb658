// Readable sizes, for the `locales` of the page.

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'];
const sizeFormats = new Map();

// With '-per-second' it is a speed.
function shownSize(bytes, per = '') {
  let unit = 0;
  let value = bytes;
  while (value >= (unit ? 999.5 : 1000) && unit + 1 < units.length) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit && value < 9.95 ? 1 : 0;
  const key = per + (unit * 2 + digits);
  if (!sizeFormats.has(key)) {
    sizeFormats.set(key, new Intl.NumberFormat(locales, {
      style: 'unit', unit: units[unit] + per, unitDisplay: unit || per ? 'short' : 'long',
      minimumFractionDigits: digits, maximumFractionDigits: digits,
    }));
  }
  return sizeFormats.get(key).format(value);
}
