// An empty row, cloned for every entry that the page came without.

let pattern = null;

/** Makes the pattern from a row of the page. */
export function takePattern(row) {
  pattern = row.cloneNode(true);
  pattern.querySelectorAll('img, noscript').forEach((image) => image.remove());
  for (const name of ['n', 'k', 's', 't']) delete pattern.dataset[name];
}

export function emptyRow() {
  return pattern.cloneNode(true);
}
