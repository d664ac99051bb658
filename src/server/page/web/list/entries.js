// Where the entries come from: the rows of the page, and the list of a large folder.

import { Entry } from './entry.js';
import { takePattern } from './row_pattern.js';
import { encoded } from './text.js';

/** The entries that the page came with. */
export function entriesOfPage() {
  const rows = [...document.querySelectorAll('.e')];
  if (rows.length === 0) return [];
  takePattern(rows[0]);
  return rows.map((row) => {
    const link = row.querySelector('.open');
    const { n, k, s, t } = row.dataset;
    const code = link.getAttribute('href').split('?')[0].slice(2).replace(/\/$/, '');
    const entry = new Entry(link.title, Number(k), Number(s), Number(t), code, Number(n));
    entry.adopt(row);
    return entry;
  });
}

/** All entries of a large folder in chunks, sorted by name. */
export async function* allEntries() {
  const response = await fetch('./?rows');
  if (!response.ok) throw new Error(response.statusText);
  let rank = 0;
  for await (const line of linesOf(response.body)) {
    yield JSON.parse(line).map(
      ([name, kind, size, time, code]) => new Entry(name, kind, size, time, code ?? encoded(name), rank++),
    );
  }
}

/** The lines of an answer, as they arrive. */
export async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    yield* lines.filter(Boolean);
  }
}
