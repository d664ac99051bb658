// Reads captions: WebVTT, and SubRip (SRT), which is nearly the same.

const TIMES = /(?:(\d+):)?(\d+):(\d+)[.,](\d{1,3})\s+-->\s+(?:(\d+):)?(\d+):(\d+)[.,](\d{1,3})/;
const MOST_CUES = 10000;

/**
 * The cues of a file with captions.
 * @param {string} file
 * @returns {{ start: number, end: number, text: string }[]}
 */
export function cues(file) {
  const found = [];
  for (const block of file
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)) {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => TIMES.test(line));
    if (at < 0 || found.length >= MOST_CUES) continue;
    const [, ...parts] = TIMES.exec(lines[at]);
    const text = lines
      .slice(at + 1)
      .join('\n')
      .replace(/<\/?font[^>]*>|\{\\[^}]*\}/g, '')
      .trim();
    const [start, end] = [seconds(parts.slice(0, 4)), seconds(parts.slice(4))];
    if (text && end > start) found.push({ start, end, text });
  }
  return found;
}

function seconds([hours = '0', minutes, whole, part]) {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(whole) + Number(part.padEnd(3, '0')) / 1000;
}
