// The texts of the page's language, with numbers, times and names in them.

import { locales, number } from '../../../server/page/web/common/locale.js';

const texts = JSON.parse(document.getElementById('texts').textContent);
const pluralRules = new Intl.PluralRules(locales);

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? shown(values[name]) : all));
}

function shown(value) {
  return typeof value === 'number' ? number.format(value) : value;
}

// The text for a count, in the plural form of the language.
function counted(forms, n) {
  return forms[pluralRules.select(n)] ?? forms.other;
}

// A text as nodes. What it is filled with may come from strangers, in any direction of writing.
function filled(text, values) {
  return text.split(/(\{\w+\})/).map((part) => {
    const value = values[part.slice(1, -1)];
    if (!part.startsWith('{') || value === undefined) return part;
    return typeof value === 'number' ? number.format(value) : element('bdi', '', value);
  });
}

// How long it is, as one or two units: `1 hr, 5 min`.
function shownTime(seconds) {
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  const units = [
    ['day', 1440],
    ['hour', 60],
    ['minute', 1],
  ];
  const first = units.findIndex(([, size]) => minutes >= size);
  let rest = minutes;
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return (
      count && new Intl.NumberFormat(locales, { style: 'unit', unit, unitDisplay: 'short' }).format(count)
    );
  });
  return parts.filter(Boolean).join(' ');
}

// A time to choose, in a whole unit: `8 hours`.
function shownChoice(seconds) {
  const units = [
    ['week', 604800],
    ['day', 86400],
    ['hour', 3600],
    ['minute', 60],
  ];
  const [unit, size] = units.find(([, size]) => seconds % size === 0) ?? ['minute', 60];
  return new Intl.NumberFormat(locales, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.ceil(seconds / size),
  );
}

// An address of a visitor, if there is one.
function shownAddress(address) {
  const isLocal = address === '::1' || address?.startsWith('127.');
  return isLocal ? texts.log.this_computer : address;
}
