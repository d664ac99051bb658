// All of a request and its answer.

import { fill } from '../../../server/page/web/common/dom.js';
import { locales } from '../../../server/page/web/common/locale.js';
import { shownSize } from '../../../server/page/web/common/sizes.js';
import { act } from './act.js';
import { copy } from './copying.js';
import { button, make, setShown } from './elements.js';
import { notify } from './notices.js';
import { request } from './session.js';
import { texts } from './texts.js';

/** How long something took. */
export function milliseconds(ms) {
  const isLong = ms >= 1000;
  const format = {
    style: 'unit',
    unit: isLong ? 'second' : 'millisecond',
    maximumFractionDigits: isLong ? 1 : 0,
  };
  return new Intl.NumberFormat(locales, format).format(isLong ? ms / 1000 : ms);
}

/**
 * What it shows. `load` loads it anew, with or without what is secret.
 * @param {number} share
 */
export function details(
  share,
  {
    summary,
    request_fields: asked,
    request_body: sent,
    status_line: line,
    answer_fields: answered,
    answer_body: got,
    first_byte: first,
    can_replay: canReplay,
    can_copy: canCopy,
  },
  secrets,
  load,
) {
  const words = texts.requests;
  const again = button('button plain small', words.replay, 'play', () =>
    act('replay', { share, request: summary.id }),
  );
  const curl = button('button plain small', words.curl, 'copy', async () => {
    try {
      const text = await (
        await request(`/requests/${share}/${summary.id}/curl${secrets ? '?secrets' : ''}`)
      ).text();
      copy(text, curl);
    } catch {
      notify(texts.failed);
    }
  });
  const masked = [...asked, ...answered].some((field) => field.is_masked);
  const show = button('button plain small', words.show_secrets, 'eye', () => load(true));
  setShown(again, canReplay);
  setShown(curl, canCopy);
  setShown(show, masked);
  const who = summary.visitor && fill(words.by, { name: summary.visitor });
  const facts = [
    new Date(summary.started).toLocaleTimeString(locales),
    who,
    first !== null && fill(words.first_byte, { time: milliseconds(first) }),
  ];
  return [
    make('p', 'soft', facts.filter(Boolean).join(' · ')),
    make('p', 'acts', again, curl, show),
    ...(canCopy ? [] : [make('p', 'soft', words.no_curl)]),
    ...part(words.request, `${summary.method} ${summary.path}`, asked, sent),
    ...part(words.answer, line ?? words.no_answer, answered, got),
  ];
}

function part(title, line, fields, body) {
  const table = make(
    'table',
    '',
    make(
      'tbody',
      '',
      ...fields.map(({ name, value }) => {
        const head = make('th', '', name);
        head.scope = 'row';
        return make('tr', '', head, make('td', '', value));
      }),
    ),
  );
  table.dir = 'ltr';
  const shownLine = make('p', 'line', line);
  if (/^\p{ASCII}*$/u.test(line)) shownLine.dir = 'ltr';
  return [make('h3', '', title), shownLine, make('div', 'wide', table), ...shownBody(title, body)];
}

function shownBody(title, { size, text, is_binary: isBinary, is_cut: isCut }) {
  const words = texts.requests;
  if (!size) return [];
  const told = make(
    'p',
    'soft',
    [shownSize(size), isCut && words.beginning, isBinary && words.binary].filter(Boolean).join(' · '),
  );
  if (text === null) return [told];
  const block = make('pre', '', text);
  block.dir = 'auto';
  block.tabIndex = 0;
  block.setAttribute('aria-label', `${title}:\x20${words.body}`);
  block.setAttribute('role', 'region');
  return [told, block];
}
