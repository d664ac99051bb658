// Names of files.

/** As the server shows a name: without characters that nobody sees, or that reverse others. */
export const harmless = (name) =>
  name.replace(
    /[\p{Cc}\u200b\u200e\u200f\u061c\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu,
    '\ufffd',
  );

/**
 * 53 bits of a path, a size and a time of change, which are the same for a file that is chosen again.
 * @param {string} path
 * @param {{ size: number, lastModified: number }} file
 */
export function keyOf(path, file) {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (const code of new TextEncoder().encode(`${path}\0${file.size}\0${file.lastModified}`)) {
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}
