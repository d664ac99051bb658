// Starts the page.

import { at, element, fill } from '../common/dom.js';
import { number } from '../common/locale.js';
import { shownSize } from '../common/sizes.js';
import { canView, viewed } from '../viewer/neighbours.js';
import { followLinks } from '../prose/links.js';
import { watchReadme } from '../prose/readme.js';
import { hide, show } from '../viewer/viewer.js';
import { asked, query, remember, takeFromUrl } from './address.js';
import { arrange } from './arrange.js';
import { box } from './blocks.js';
import { allEntries, entriesOfPage } from './entries.js';
import { leadToFolders } from './folders.js';
import { listen, rearrange } from './listen.js';
import { onlyFile } from './one_file.js';
import { page, words } from './page.js';
import { withPart } from './picks.js';
import { list } from './state.js';
import { say } from './status.js';
import { watchPicture } from './thumbnails.js';
import { showLayout, showSort } from './toolbar.js';

async function loadAll() {
  say(words.loading);
  // Existing rows are kept, so the visitor's place in them doesn't change.
  const there = new Map(list.all.map((entry) => [entry.code, entry]));
  const entries = [];
  try {
    for await (const piece of allEntries()) {
      for (const entry of piece) {
        const known = there.get(entry.code);
        if (known) known.rank = entry.rank;
        entries.push(known ?? entry);
      }
    }
  } catch {
    say(words.not_loaded);
    return;
  }
  list.all = entries;
  at('pages')?.remove();
  arrange();
}

// Fetches the total size, if the server could not compute it for the page.
async function tellTotal() {
  const places = [document.querySelector('#summary .late'), at('zip')];
  if (!places[0]) return;
  try {
    const { size, zip } = await (await fetch('./?total')).json();
    places[0].textContent = ' · ' + shownSize(size);
    places[1].textContent = shownSize(zip);
  } catch {
    // The page works without it.
  }
}

function followUrl(isWhole) {
  const open = asked('open');
  const known = [...(list.found ?? []), ...list.all];
  const entry = open && known.find((each) => each.code === open);
  if (entry && canView(entry)) show(entry);
  else hide();
  if (open && !entry && isWhole && !list.isBelow) tellGone(open);
}

// Shown to visitors who follow a link to a file that no longer exists.
function tellGone(code) {
  let name = code;
  try {
    name = decodeURIComponent(code);
  } catch {
    // Not every name is UTF-8.
  }
  const notice = element('p', 'gone', fill(words.gone, { name }));
  notice.setAttribute('role', 'alert');
  document.querySelector('.gone')?.remove();
  document.querySelector('.tools, .one').before(notice);
  remember();
}

// A link to some of the files shows these, selected.
function pickOnly() {
  const [first] = list.only;
  if (!first) return;
  if (list.shown.length) {
    withPart('pickAll');
    return;
  }
  list.only.clear();
  arrange();
  tellGone(first);
}

// A link may have a password that this visitor has entered before.
if (location.hash.startsWith('#password=')) {
  history.replaceState(history.state, '', location.href.split('#')[0]);
}
document.body.classList.add('alive');
followLinks();
watchReadme();
const [counts] = at('summary')?.childNodes ?? [];
if (counts) counts.data = counts.data.replace(/\d+/g, (digits) => number.format(Number(digits)));
for (const place of document.querySelectorAll('.bytes')) {
  place.textContent = shownSize(Number(place.dataset.s));
}
takeFromUrl();
leadToFolders();
if (box) {
  list.shown = entriesOfPage();
  list.all = [...list.shown].sort((a, b) => a.rank - b.rank);
  const isPart = page.total > list.all.length;
  listen();
  showLayout();
  if (list.filter || list.only.size) rearrange();
  else list.shown.forEach(watchPicture);
  followUrl(!isPart);
  if (!isPart) pickOnly();
  window.addEventListener('popstate', () => {
    const before = query();
    takeFromUrl();
    if (query() !== before) {
      showSort();
      showLayout();
      at('filter').querySelector('input').value = list.filter;
      rearrange();
    }
    followUrl();
  });
  document.addEventListener('found', () => {
    if (!viewed.entry) followUrl();
  });
  if (isPart) {
    loadAll().then(() => {
      followUrl(true);
      pickOnly();
    });
  }
  tellTotal();
}
const only = onlyFile();
if (only) {
  list.all = [only];
  list.shown = list.all;
  followUrl(true);
  window.addEventListener('popstate', () => followUrl());
}
