// What the page says, in its language.

const page = JSON.parse(document.getElementById('page').textContent);
const words = page.words;
const at = (id) => document.getElementById(id);
const language = document.documentElement.lang;
const locales = [...navigator.languages.filter((each) => each.split('-')[0] === language), language];
const number = new Intl.NumberFormat(locales);
const percent = new Intl.NumberFormat(locales, { style: 'percent' });
const plurals = new Intl.PluralRules(language);

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (slot, name) => values[name] ?? slot);
const counted = (forms, n) => fill(forms[plurals.select(n)] ?? forms.other, { n: number.format(n) });
const shownFiles = (n) => counted(words.files, n);

// As the server shows names: without characters that nobody sees, or that reverse others.
const harmless = (name) =>
  name.replace(/[\p{Cc}\u200b\u200e\u200f\u061c\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu, '\ufffd');

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
