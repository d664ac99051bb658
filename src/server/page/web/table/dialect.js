// How the cells of a table are separated.

import { Sheet } from './sheet.js';

const SAMPLE_ROWS = 30;
const SAMPLE_CHARACTERS = 100000;

/** The separator of a text, or `''` if it has none. A spreadsheet may say it in the first line. */
export function separatorOf(text, isTabbed) {
  const said = /^sep=(.)\n/.exec(text)?.[1];
  if (said) return said;
  let best = { separator: '', score: 0 };
  for (const separator of isTabbed ? ['\t', ',', ';', '|'] : [',', ';', '\t', '|']) {
    const score = fit(text, separator);
    if (score > best.score) best = { separator, score };
  }
  return best.separator;
}

// How well a separator fits: most rows have as many cells, and more than one.
function fit(text, separator) {
  const sample = new Sheet(text.slice(0, SAMPLE_CHARACTERS), separator);
  [...sample.find(SAMPLE_ROWS)].at(-1);
  const counts = new Map();
  for (let index = 0; index < sample.rows; index++) {
    const { length } = sample.row(index);
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  let score = 0;
  for (const [length, count] of counts) {
    if (length > 1) score = Math.max(score, count / sample.rows + length / 1000);
  }
  return score;
}
