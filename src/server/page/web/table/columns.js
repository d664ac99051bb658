// What the columns of a table are: their names, their widths, and whether they have numbers.

const SAMPLE = 500;
const MOST_COLUMNS = 500;
const NUMBER =
  /^[-+\u2212]?(?:(?!0\d)\d+|\d{1,3}(?:[.,\s'\u2019]\d{3})+)(?:[.,]\d+)?(?:e[-+]?\d+)?\s*[%\u20ac$\u00a3]?$/i;
const COMMA = /,\d{1,2}\s*\D?$|,\d{4,}\s*\D?$|\.\d{3},/;

/** @typedef {{ name: string, width: number, isNumeric: boolean, hasComma: boolean }} Column */

/**
 * Looks at the first rows of a sheet.
 * @returns {{ columns: Column[], first: number }} `first` is the first row that is not the heading
 */
export function columnsOf(sheet) {
  const rows = [];
  for (let index = 0; index < Math.min(sheet.rows, SAMPLE); index++) rows.push(sheet.row(index));
  // The first line may say the separator.
  const start = rows[0]?.length <= 2 && /^sep=/.test(sheet.text) ? 1 : 0;
  const count = Math.min(MOST_COLUMNS, Math.max(...rows.map((row) => row.length)));
  const heading = rows[start] ?? [];
  const hasHeading = rows.length > start + 1 && heading.every((cell) => !NUMBER.test(cell.trim()));
  const first = start + (hasHeading ? 1 : 0);
  const columns = Array.from({ length: count }, (_, column) => {
    const name = hasHeading ? (heading[column] ?? '') : letters(column);
    const cells = rows.slice(first).map((row) => (row[column] ?? '').trim());
    const filled = cells.filter(Boolean);
    const numbers = filled.filter((cell) => NUMBER.test(cell)).length;
    return {
      name: name.trim(),
      width: Math.min(40, Math.max(width(name) + 3, ...cells.map(width), 3)),
      isNumeric: numbers > 0 && numbers >= filled.length * 0.95,
      hasComma: filled.some((cell) => COMMA.test(cell)),
    };
  });
  return { columns, first };
}

/** The number that a cell of a column shows; `NaN` if none. */
export function numberIn(text, { hasComma }) {
  let digits = text.replace(/[\s'\u2019%\u20ac$\u00a3]/g, '').replace('\u2212', '-');
  digits = hasComma ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '');
  return digits ? Number(digits) : NaN;
}

// As spreadsheets name columns: A, B, and so on to Z, AA.
function letters(column) {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : letters(Math.floor(column / 26) - 1) + last;
}

// In characters; those of East Asia take two.
const width = (text) =>
  text.length + (text.match(/[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60]/g)?.length ?? 0);
