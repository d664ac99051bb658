// The order of the entries.

/** Entries in the requested order. Folders come first; equal entries stay sorted by name. */
export function sorted(entries, sort) {
  const sign = sort.startsWith('-') ? -1 : 1;
  const key = { name: 'rank', kind: 'kind', size: 'size', changed: 'time' }[sort.replace('-', '')];
  const folders = entries.filter((entry) => entry.kind === 0);
  const files = entries.filter((entry) => entry.kind !== 0);
  return [...inOrder(folders, key, sign), ...inOrder(files, key, sign)];
}

// Entries sorted by a number. Sorting plain numbers is many times faster than sorting entries, so
// each number carries the index of its entry in its last digits.
function inOrder(entries, key, sign) {
  const { length } = entries;
  const marked = Float64Array.from(entries, (entry, place) => sign * entry[key] * length + place);
  if (!marked.every(Number.isSafeInteger)) return entries.sort((a, b) => sign * (a[key] - b[key]));
  return Array.from(marked.sort(), (mark) => entries[((mark % length) + length) % length]);
}
