// The encoding of a text.

/**
 * UTF-8 or UTF-16 if valid, otherwise what the text itself says, or the encoding of old Windows
 * programs.
 */
export function decode(bytes, charset) {
  const [first, second] = new Uint8Array(bytes);
  const mark = { '255,254': 'utf-16le', '254,255': 'utf-16be' }[`${first},${second}`];
  try {
    // The last character may be incomplete.
    return new TextDecoder(charset ?? mark ?? 'utf-8', { fatal: !charset }).decode(bytes, { stream: true });
  } catch {
    if (new Uint8Array(bytes).subarray(0, 8000).includes(0)) throw new Error('binary');
    const start = new TextDecoder('windows-1252').decode(new Uint8Array(bytes).subarray(0, 1024));
    const [, said] = /(?:charset=|encoding=|@charset )["']?([\w-]+)/i.exec(start) ?? [];
    try {
      return new TextDecoder(said ?? 'windows-1252').decode(bytes, { stream: true });
    } catch {
      return new TextDecoder('windows-1252').decode(bytes);
    }
  }
}
