// What the history says: a row for each thing that has happened, and what they come to.

import { counted } from '../../../server/page/web/common/counts.js';
import { at, fill, icon } from '../../../server/page/web/common/dom.js';
import { locales, number } from '../../../server/page/web/common/locale.js';
import { shownSize } from '../../../server/page/web/common/sizes.js';
import { filled, make } from './elements.js';
import { shownAddress, texts } from './texts.js';

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
const dayFormat = new Intl.DateTimeFormat(locales, { weekday: 'long', day: 'numeric', month: 'long' });
const timeFormat = new Intl.DateTimeFormat(locales, { timeStyle: 'short' });

function who({ visitor, sender, count, kind }) {
  const address = shownAddress(visitor);
  if (sender && address) return `${sender} (${address})`;
  return sender ?? address ?? (count > 1 && kind !== 'delivery' ? texts.log.others : texts.log.somebody);
}

/** What has happened, as a text and what it is filled with. */
export function sentence(entry) {
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

/** The row of an entry. */
export function logRow(entry) {
  const time = make('time', 'soft', timeFormat.format(new Date(entry.time)));
  time.dateTime = entry.time;
  const picture = icon(ICONS[entry.kind]);
  picture.classList.add(entry.kind);
  return make(
    'li',
    '',
    picture,
    make('p', '', ...filled(...sentence(entry))),
    make('p', 'share soft', make('bdi', '', entry.name)),
    make('p', 'amount soft', shownAmount(entry)),
    time,
  );
}

/** A day in words. */
export function dayName(date) {
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return texts.log.today;
  if (date.toDateString() === yesterday.toDateString()) return texts.log.yesterday;
  return dayFormat.format(date);
}

/** Shows what these come to. */
export function showTotals(entries) {
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
      make('div', '', make('dt', 'soft', texts.log[name]), make('dd', '', value)),
    ),
  );
}
