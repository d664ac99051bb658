// What has happened to shares.

const log = { entries: [], isStale: true, isLoading: false, size: 0, rows: 0 };
const ROWS = 100;
const ICONS = {
  'share-started': 'play',
  'share-ended': 'stop',
  visit: 'eye',
  download: 'get',
  'broken-download': 'broken',
  'file-received': 'send-up',
  delivery: 'inbox',
  'password-refused': 'lock',
};
const logFilter = at('log-filter');
const dayFormat = new Intl.DateTimeFormat(locales, { weekday: 'long', day: 'numeric', month: 'long' });
const timeFormat = new Intl.DateTimeFormat(locales, { timeStyle: 'short' });

// Loads what is new, if anything is.
async function loadLog() {
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

// The history has changed on the disk.
function logChanged() {
  const now = JSON.stringify(parts.get('history'));
  if (now === log.seen) return;
  log.seen = now;
  log.isStale = true;
}

function who({ visitor, sender, count, kind }) {
  const address = shownAddress(visitor);
  if (sender && address) return `${sender} (${address})`;
  return sender ?? address ?? (count > 1 && kind !== 'delivery' ? texts.log.others : texts.log.somebody);
}

function sentence(entry) {
  const { event } = texts.log;
  const { kind, count, reason } = entry;
  if (kind === 'share-ended' && reason) return [event['share-ended-because'], { reason }];
  if (typeof event[kind] === 'string') return [event[kind], {}];
  // Of many files, the name says nothing.
  const forms = kind !== 'delivery' && count === 1 ? event[kind].one : counted(event[kind], count);
  return [forms ?? event[kind].other, { who: who(entry), file: entry.file ?? texts.log.a_file, n: count }];
}

function shownAmount({ bytes, size }) {
  if (bytes === undefined) return '';
  return size === undefined
    ? shownSize(bytes)
    : fill(texts.log.part, { size: shownSize(bytes), total: shownSize(size) });
}

function logRow(entry) {
  const time = element('time', 'soft', timeFormat.format(new Date(entry.time)));
  time.dateTime = entry.time;
  const row = element(
    'li',
    '',
    icon(ICONS[entry.kind], entry.kind),
    element('p', '', ...filled(...sentence(entry))),
    element('p', 'share soft', element('bdi', '', entry.name)),
    element('p', 'amount soft', shownAmount(entry)),
    time,
  );
  return row;
}

function dayName(date) {
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return texts.log.today;
  if (date.toDateString() === yesterday.toDateString()) return texts.log.yesterday;
  return dayFormat.format(date);
}

function showTotals(entries) {
  const of = (...kinds) => entries.filter(({ kind }) => kinds.includes(kind));
  const count = (all) => all.reduce((sum, entry) => sum + entry.count, 0);
  const bytes = (all) => all.reduce((sum, entry) => sum + (entry.bytes ?? 0), 0);
  const totals = {
    visits: number.format(count(of('visit'))),
    downloads: number.format(count(of('download'))),
    sent: shownSize(bytes(of('download', 'broken-download'))),
    received: number.format(count(of('file-received'))),
    taken_in: shownSize(bytes(of('file-received'))),
    refused: number.format(count(of('password-refused'))),
  };
  at('totals').replaceChildren(
    ...Object.entries(totals).map(([name, value]) =>
      element('div', '', element('dt', 'soft', texts.log[name]), element('dd', '', value)),
    ),
  );
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
      days.push(element('h3', '', name), element('ol'));
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
    const link = element('a');
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
