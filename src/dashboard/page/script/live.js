// Who is looking at a share right now, and what is on its way.

const regions = new Intl.DisplayNames(locales, { type: 'region', fallback: 'code' });
// A point every two seconds, for the last minutes.
const POINT_MS = 2000;
const POINTS = 90;

function countryName(code) {
  if (!code) return null;
  if (code === 'T1') return 'Tor';
  try {
    return regions.of(code);
  } catch {
    return code;
  }
}

function makeTransfer(end) {
  const words = texts.live;
  let shownNow = {};
  const name = element('bdi', 'file');
  const bar = element('progress');
  const told = element('p', 'soft told');
  const stop = button('button plain small', words.end, null, () => end(shownNow.id));
  const root = element('li', 'transfer', icon('get'), element('p', '', name), bar, told, stop);

  function update(transfer) {
    const { direction, file, bytes, size, speed } = transfer;
    if (shownNow.direction !== direction)
      root.querySelector('svg').replaceWith(icon(direction === 'down' ? 'get' : 'send-up'));
    shownNow = transfer;
    setText(name, file);
    bar.setAttribute('aria-label', file);
    stop.setAttribute('aria-label', fill(words.end_of, { name: file }));
    if (size) {
      bar.max = size;
      bar.value = bytes;
    } else {
      bar.removeAttribute('value');
    }
    const values = { size: shownSize(bytes), total: shownSize(size ?? 0) };
    const parts = [
      fill(words[`${direction === 'down' ? 'sent' : 'received'}${size === null ? '_part' : ''}`], values),
      speed && shownSize(speed, '-per-second'),
      speed && size && size > bytes && fill(words.left, { time: shownTime((size - bytes) / speed) }),
    ];
    setText(told, parts.filter(Boolean).join(' · '));
  }

  return { root, update };
}

function makeVisitor(block) {
  const words = texts.live;
  let shownNow = {};
  const name = element('bdi', 'visitor');
  name.lang = 'en';
  const about = element('span', 'soft');
  const blocked = element('span', 'blocked', words.blocked);
  const toggle = button('quiet', '', null, () => block(shownNow.id, !shownNow.is_blocked));
  const transfers = element('ul', 'transfers');
  const root = element('li', '', element('p', 'who', name, ' ', about, ' ', blocked), toggle, transfers);

  function update(visitor) {
    shownNow = visitor;
    setText(name, visitor.name);
    const client = [visitor.browser, visitor.device].filter(Boolean).join(' · ');
    setText(
      about,
      [client, countryName(visitor.country), shownAddress(visitor.address)].filter(Boolean).join(' · '),
    );
    setShown(blocked, visitor.is_blocked);
    setText(toggle.querySelector('span'), visitor.is_blocked ? words.unblock : words.block);
    toggle.setAttribute(
      'aria-label',
      fill(visitor.is_blocked ? words.unblock_who : words.block_who, { name: visitor.name }),
    );
    toggle.title = visitor.is_blocked ? '' : words[visitor.neighbours ? 'block_hint' : 'block_address_hint'];
    root.classList.toggle('away', !visitor.is_here);
  }

  return { root, update, transfers };
}

// Keeps a list of made things in the order of the data, and each where it is.
function arrange(list, made, all, make) {
  const ids = new Set(all.map(({ id }) => id));
  for (const [id, { root }] of made) {
    if (!ids.has(id)) {
      root.remove();
      made.delete(id);
    }
  }
  all.forEach((each, position) => {
    if (!made.has(each.id)) made.set(each.id, make());
    const one = made.get(each.id);
    one.update(each);
    if (list.children[position] !== one.root) list.insertBefore(one.root, list.children[position] ?? null);
  });
}

function makeLive(share) {
  const words = texts.live;
  const list = element('ul', 'visitors');
  const pace = element('span', 'soft');
  const line = document.createElementNS(SVG, 'path');
  const spark = document.createElementNS(SVG, 'svg');
  spark.setAttribute('class', 'spark');
  spark.setAttribute('viewBox', `0 0 ${POINTS - 1} 20`);
  spark.setAttribute('preserveAspectRatio', 'none');
  spark.setAttribute('aria-hidden', 'true');
  spark.append(line);
  const more = element('p', 'soft');
  const root = element(
    'section',
    'live',
    element('header', '', element('h3', '', words.title), spark, pace),
    list,
    more,
  );
  root.hidden = true;
  const visitors = new Map();
  const transfers = new Map();
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
    setText(more, fill(counted(words.more, now.more), { n: now.more }));
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

setInterval(() => cards.forEach(({ live }) => live.draw()), POINT_MS);
