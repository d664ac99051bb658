// The requests of a shared local site, as they come. They are recorded while this view is open.

const inspected = { share: null, rows: new Map(), found: null, search: 0 };
const statusKind = (status) => (status === null ? 'none' : `s${Math.floor(status / 100)}`);

function inspect(share) {
  if (inspected.share === share) return;
  Object.assign(inspected, { share, found: null });
  [...inspected.rows.keys()].forEach(removeRequest);
  at('request-filter').reset();
  inspected.stop?.abort();
  if (share === null) return;
  const stop = new AbortController();
  inspected.stop = stop;
  const take = (_, { set, gone }, isFirst) => {
    // What was forgotten while nobody looked.
    const old = isFirst ? [...inspected.rows.keys()].filter((name) => !(name in set)) : gone;
    old.forEach(removeRequest);
    for (const [name, summary] of Object.entries(set)) showRequest(name, summary);
    setShown(at('request-none'), !inspected.rows.size);
    if (requestFilter.elements.text.value.trim()) searchRequests();
  };
  listen(`/requests/${share}`, { stop: stop.signal, take }).catch(() => {});
}

function removeRequest(name) {
  inspected.rows.get(name)?.root.remove();
  inspected.rows.delete(name);
}

function showRequest(name, summary) {
  let row = inspected.rows.get(name);
  if (!row) {
    row = makeRequest(summary.id);
    inspected.rows.set(name, row);
    at('request-rows').prepend(row.root);
  }
  row.update(summary);
  row.filter();
}

function makeRequest(id) {
  const words = texts.requests;
  const method = element('span', 'method');
  const path = element('bdi', 'path');
  const status = element('span', 'status');
  const time = element('span', 'soft');
  const size = element('span', 'soft');
  const opener = element('button', 'request', method, path, status, time, size);
  opener.type = 'button';
  opener.setAttribute('aria-expanded', 'false');
  const detail = element('div', 'detail');
  detail.hidden = true;
  const root = element('li', '', opener, detail);
  let summary = {};
  let shownFor = '';
  let loads = 0;

  opener.addEventListener('click', () => {
    detail.hidden = !detail.hidden;
    opener.setAttribute('aria-expanded', String(!detail.hidden));
    if (!detail.hidden) load(false);
  });

  async function load(secrets) {
    const mine = ++loads;
    shownFor = JSON.stringify(summary);
    try {
      const answer = await (
        await request(`/requests/${inspected.share}/${id}${secrets ? '?secrets' : ''}`)
      ).json();
      // An answer may be overtaken by a later one.
      if (mine === loads) detail.replaceChildren(...details(answer, secrets, load));
    } catch {
      if (mine === loads) detail.replaceChildren(element('p', 'soft', words.forgotten));
    }
  }

  function update(next) {
    summary = next;
    setText(method, next.method);
    setText(path, next.path);
    setText(
      status,
      next.status === null
        ? words[next.outcome === 'running' ? 'running' : 'no_answer']
        : `${next.status}${next.outcome === 'cut' ? ` ${words.cut}` : ''}`,
    );
    status.dataset.kind = statusKind(next.status);
    setText(time, next.outcome === 'running' ? '' : milliseconds(next.duration));
    setText(size, next.size ? shownSize(next.size) : '');
    root.classList.toggle('again', next.replay_of !== null);
    if (!detail.hidden && shownFor !== JSON.stringify(next)) load(false);
  }

  const filter = () => setShown(root, !inspected.found || inspected.found.has(id));
  return { root, update, filter };
}

function milliseconds(ms) {
  const isLong = ms >= 1000;
  const format = {
    style: 'unit',
    unit: isLong ? 'second' : 'millisecond',
    maximumFractionDigits: isLong ? 1 : 0,
  };
  return new Intl.NumberFormat(locales, format).format(isLong ? ms / 1000 : ms);
}

function details(
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
  const share = inspected.share;
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
    element('p', 'soft', facts.filter(Boolean).join(' · ')),
    element('p', 'acts', again, curl, show),
    ...(canCopy ? [] : [element('p', 'soft', words.no_curl)]),
    ...part(words.request, `${summary.method} ${summary.path}`, asked, sent),
    ...part(words.answer, line ?? words.no_answer, answered, got),
  ];
}

function part(title, line, fields, body) {
  const table = element(
    'table',
    '',
    element(
      'tbody',
      '',
      ...fields.map(({ name, value }) => {
        const head = element('th', '', name);
        head.scope = 'row';
        return element('tr', '', head, element('td', '', value));
      }),
    ),
  );
  table.dir = 'ltr';
  const shownLine = element('p', 'line', line);
  if (/^\p{ASCII}*$/u.test(line)) shownLine.dir = 'ltr';
  return [element('h3', '', title), shownLine, element('div', 'wide', table), ...shownBody(title, body)];
}

function shownBody(title, { size, text, is_binary: isBinary, is_cut: isCut }) {
  const words = texts.requests;
  if (!size) return [];
  const told = element(
    'p',
    'soft',
    [shownSize(size), isCut && words.beginning, isBinary && words.binary].filter(Boolean).join(' · '),
  );
  if (text === null) return [told];
  const block = element('pre', '', text);
  block.dir = 'auto';
  block.tabIndex = 0;
  block.setAttribute('aria-label', `${title}:\x20${words.body}`);
  block.setAttribute('role', 'region');
  return [told, block];
}

const requestFilter = at('request-filter');
requestFilter.addEventListener('submit', (event) => event.preventDefault());

// A moment after the last letter, because a search looks through all bodies.
const SEARCH_MS = 200;
requestFilter.addEventListener('input', () => searchRequests());

function searchRequests() {
  clearTimeout(inspected.timer);
  inspected.timer = setTimeout(async () => {
    const { share } = inspected;
    const text = requestFilter.elements.text.value.trim();
    const mine = ++inspected.search;
    let found = null;
    if (text) {
      try {
        found = new Set(await (await request(`/requests/${share}/found?${encodeURIComponent(text)}`)).json());
      } catch {
        return;
      }
    }
    if (mine !== inspected.search || share !== inspected.share) return;
    inspected.found = found;
    inspected.rows.forEach((row) => row.filter());
  }, SEARCH_MS);
}

at('request-clear').addEventListener('click', () => act('clear-requests', { share: inspected.share }));
