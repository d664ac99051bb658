// Whether a file is a text, if its name doesn't tell.

const FIRST_BYTES = 4096;

/** Looks at the first bytes of a file. */
export async function isText(entry, signal) {
  const headers = entry.size > FIRST_BYTES ? { Range: `bytes=0-${FIRST_BYTES - 1}` } : {};
  const response = await fetch(entry.url, { signal, headers });
  if (!response.ok) throw new Error('gone');
  return looksLikeText(new Uint8Array(await response.arrayBuffer()));
}

/** Texts have no control characters but those for lines and tabs, and colours in a terminal. */
export function looksLikeText(bytes) {
  const [first, second] = bytes;
  const isUtf16 = (first === 255 && second === 254) || (first === 254 && second === 255);
  return isUtf16 || bytes.every((byte) => byte > 31 || (byte > 6 && byte < 14) || byte === 27);
}
