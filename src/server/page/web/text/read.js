// The start of a file as text.

import { decode } from './decode.js';

/**
 * Fetches at most so many bytes of a file, and decodes them.
 * @returns {Promise<{text: string, isCut: boolean}>}
 */
export async function readText(entry, most, signal) {
  const headers = entry.size > most ? { Range: `bytes=0-${most - 1}` } : {};
  const response = await fetch(entry.url, { signal, headers });
  if (!response.ok) throw new Error('gone');
  const type = response.headers.get('content-type') ?? '';
  const charset = /charset=([\w-]+)/.exec(type)?.[1];
  const text = decode(await response.arrayBuffer(), charset);
  return { text: text.replace(/\r\n?/g, '\n'), isCut: response.status === 206 };
}
