// What has happened to shares.

import { at, fill } from '../../../server/page/web/common/dom.js';
import { locales } from '../../../server/page/web/common/locale.js';
import { act } from './act.js';
import { ask } from './dialogs.js';
import { make, setOptions, setShown } from './elements.js';
import { dayName, logRow, sentence, showTotals } from './history_rows.js';
import { notify } from './notices.js';
import { request } from './session.js';
import { parts } from './state.js';
import { texts } from './texts.js';

const log = { entries: [], isStale: true, isLoading: false, size: 0, rows: 0 };
const ROWS = 100;
const logFilter = at('log-filter');

/** Loads what is new, if anything is. */
export async function loadLog() {
  const part = parts.get('history');
  if (!part || log.isLoading || !log.isStale) return;
  log.isLoading = true;
  log.isStale = false;
  setShown(at('log-off'), !part.is_on);
  try {
    const last = part.bytes < log.size ? 0 : (log.entries.at(-1)?.id ?? 0);
    log.size = part.bytes;
    const { entries } = await (await request(`/history?after=${last}`)).json();
    log.entries = last ? [...log.entries, ...entries] : entries;
    showLog();
    log.isFailing = false;
  } catch {
    log.isStale = true;
    log.isFailing = true;
  }
  log.isLoading = false;
  // More came in the meantime.
  if (log.isStale && !log.isFailing) loadLog();
}

/** The history may have changed on the disk. */
export function logChanged() {
  const now = JSON.stringify(parts.get('history'));
  if (now === log.seen) return;
  log.seen = now;
  log.isStale = true;
}

function showLog() {
  const { text, share, kind } = logFilter.elements;
  const names = new Map(log.entries.map((entry) => [entry.share, entry.name]));
  const byName = [...names].sort(([, a], [, b]) => a.localeCompare(b, locales));
  setOptions(share, [['', texts.log.all_shares], ...byName], names.has(share.value) ? share.value : '');
  setOptions(kind, [['', texts.log.all_kinds], ...Object.entries(texts.log.kind)]);
  const wanted = text.value.trim().toLocaleLowerCase(locales);
  const ofShare = log.entries.filter((entry) => !share.value || entry.share === share.value);
  const found = ofShare
    .filter((entry) => {
      if (kind.value && entry.kind !== kind.value) return false;
      return (
        !wanted || `${entry.name}\n${fill(...sentence(entry))}`.toLocaleLowerCase(locales).includes(wanted)
      );
    })
    .reverse();
  showTotals(ofShare);
  log.rows = Math.max(log.rows, ROWS);
  const days = [];
  let day;
  for (const entry of found.slice(0, log.rows)) {
    const name = dayName(new Date(entry.time));
    if (name !== day) {
      days.push(make('h3', '', name), make('ol'));
      day = name;
    }
    days.at(-1).append(logRow(entry));
  }
  at('log').replaceChildren(...days);
  const isEmpty = !log.entries.length;
  setShown(at('log-empty'), isEmpty);
  for (const part of [at('totals'), logFilter]) setShown(part, !isEmpty);
  for (const tool of document.querySelectorAll('[data-export],#clear')) setShown(tool, !isEmpty);
  setShown(at('log-none'), !isEmpty && !found.length);
  setShown(at('log-more'), found.length > log.rows);
}

async function exportLog(kind) {
  try {
    const content = await (await request(`/history.${kind}`)).blob();
    const link = make('a');
    link.href = URL.createObjectURL(content);
    link.download = `spot-serve-history-${new Date().toISOString().slice(0, 10)}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch {
    notify(texts.failed);
  }
}

logFilter.addEventListener('submit', (event) => event.preventDefault());
logFilter.addEventListener('input', () => {
  log.rows = ROWS;
  showLog();
});
at('log-more').addEventListener('click', () => {
  log.rows += 2 * ROWS;
  showLog();
});
at('clear').addEventListener('click', async () => {
  const { clear_title: title, clear_text: text, clear } = texts.log;
  if (await ask(title, text, clear)) await act('clear-history');
});
for (const each of document.querySelectorAll('[data-export]')) {
  each.addEventListener('click', () => exportLog(each.dataset.export));
}
