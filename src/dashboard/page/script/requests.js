// The requests of a shared local site, as they come. They are recorded while this view is open.

import { at } from '../../../server/page/web/common/dom.js';
import { shownSize } from '../../../server/page/web/common/sizes.js';
import { act } from './act.js';
import { make, setShown, setText } from './elements.js';
import { details, milliseconds } from './request_details.js';
import { request } from './session.js';
import { texts } from './texts.js';
import { listen } from './wire.js';

const inspected = { share: null, rows: new Map(), found: null, search: 0 };
const statusKind = (status) => (status === null ? 'none' : `s${Math.floor(status / 100)}`);

/** Shows those of a share, or of none. */
export function inspect(share) {
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
  const method = make('span', 'method');
  const path = make('bdi', 'path');
  const status = make('span', 'status');
  const time = make('span', 'soft');
  const size = make('span', 'soft');
  const opener = make('button', 'request', method, path, status, time, size);
  opener.type = 'button';
  opener.setAttribute('aria-expanded', 'false');
  const detail = make('div', 'detail');
  detail.hidden = true;
  const root = make('li', '', opener, detail);
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
      if (mine === loads) detail.replaceChildren(...details(inspected.share, answer, secrets, load));
    } catch {
      if (mine === loads) detail.replaceChildren(make('p', 'soft', words.forgotten));
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
