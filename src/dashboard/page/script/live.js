// Who is looking at a share right now, and what is on its way.

import { counted } from '../../../server/page/web/common/counts.js';
import { shownSize } from '../../../server/page/web/common/sizes.js';
import { act } from './act.js';
import { make, setShown, setText } from './elements.js';
import { parts } from './state.js';
import { texts } from './texts.js';
import { makeTransfer } from './transfer.js';
import { makeVisitor } from './visitor.js';

const SVG = 'http://www.w3.org/2000/svg';
/** A point every two seconds, for the last minutes. */
export const POINT_MS = 2000;
const POINTS = 90;

// Keeps a list of made things in the order of the data, and each where it is.
function arrange(list, made, all, create) {
  const ids = new Set(all.map(({ id }) => id));
  for (const [id, { root }] of made) {
    if (!ids.has(id)) {
      root.remove();
      made.delete(id);
    }
  }
  all.forEach((each, position) => {
    if (!made.has(each.id)) made.set(each.id, create());
    const one = made.get(each.id);
    one.update(each);
    if (list.children[position] !== one.root) list.insertBefore(one.root, list.children[position] ?? null);
  });
}

/** What a card shows of it. */
export function makeLive(share) {
  const words = texts.live;
  const list = make('ul', 'visitors');
  const pace = make('span', 'soft');
  const line = document.createElementNS(SVG, 'path');
  const spark = document.createElementNS(SVG, 'svg');
  spark.setAttribute('class', 'spark');
  spark.setAttribute('viewBox', `0 0 ${POINTS - 1} 20`);
  spark.setAttribute('preserveAspectRatio', 'none');
  spark.setAttribute('aria-hidden', 'true');
  spark.append(line);
  const more = make('p', 'soft');
  const root = make(
    'section',
    'live',
    make('header', '', make('h3', '', words.title), spark, pace),
    list,
    more,
  );
  root.hidden = true;
  const visitors = new Map();
  const points = Array(POINTS).fill(0);
  let now = { visitors: [], more: 0 };
  let running = [];

  function update() {
    now = parts.get(`live/${share}`) ?? { visitors: [], more: 0 };
    running = [...parts]
      .filter(([name]) => name.startsWith(`transfer/${share}/`))
      .map(([, transfer]) => transfer);
    const known = new Set(now.visitors.map(({ id }) => id));
    // Somebody who was busy before anybody watched has only a name.
    const others = running
      .filter(({ visitor }) => !known.has(visitor))
      .map(({ visitor, visitor_name: name }) => [
        visitor,
        { id: visitor, name, is_here: true, is_blocked: false },
      ]);
    const here = now.visitors.filter(
      ({ id, is_here: isHere, is_blocked: isBlocked }) =>
        isHere || isBlocked || running.some(({ visitor }) => visitor === id),
    );
    const all = [...here, ...new Map(others).values()];
    arrange(list, visitors, all, () => makeVisitor((visitor, on) => act('block', { share, visitor, on })));
    for (const { id } of all) {
      const own = visitors.get(id);
      own.made ??= new Map();
      const mine = running.filter(({ visitor }) => visitor === id);
      arrange(own.transfers, own.made, mine, () =>
        makeTransfer((transfer) => act('end', { share, transfer })),
      );
      setShown(own.transfers, mine.length);
    }
    setShown(more, now.more);
    setText(more, counted(words.more, now.more));
    setShown(root, all.length);
    const speed = running.reduce((sum, each) => sum + each.speed, 0);
    setText(pace, speed ? shownSize(speed, '-per-second') : '');
  }

  // A sparkline of the last minutes.
  function draw() {
    points.shift();
    points.push(running.reduce((sum, each) => sum + each.speed, 0));
    const top = Math.max(...points);
    spark.style.visibility = top ? '' : 'hidden';
    if (top)
      line.setAttribute(
        'd',
        points.map((speed, x) => `${x ? 'L' : 'M'}${x} ${(19 - (18 * speed) / top).toFixed(1)}`).join(''),
      );
  }

  return { root, update, draw };
}
