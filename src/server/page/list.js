// The list and the gallery: sorting, filtering, and rendering only what is visible.

// Rows that are rendered and removed together.
const BLOCK = 60;
// A list of up to this many rows is rendered in full.
const WHOLE = 600;

const list = {
  all: [],          // entries sorted by name
  ordered: null,    // the same in the requested order
  shown: [],        // those that match the filter
  sort: page.sort,
  layout: page.layout,
  isLayoutChosen: false,
  filter: '',
};

const box = at('entries');
const status = at('status');

// All entries in the requested order. Folders come first; equal entries stay sorted by name.
function sorted() {
  const sign = list.sort.startsWith('-') ? -1 : 1;
  const key = { name: 'rank', kind: 'kind', size: 'size', changed: 'time' }[list.sort.replace('-', '')];
  const folders = list.all.filter((entry) => entry.kind === 0);
  const files = list.all.filter((entry) => entry.kind !== 0);
  return [...inOrder(folders, key, sign), ...inOrder(files, key, sign)];
}

// Entries sorted by a number. Sorting plain numbers is many times faster than sorting entries, so
// each number carries the index of its entry in its last digits.
function inOrder(entries, key, sign) {
  const { length } = entries;
  const marked = Float64Array.from(entries, (entry, place) => sign * entry[key] * length + place);
  if (!marked.every(Number.isSafeInteger)) return entries.sort((a, b) => sign * (a[key] - b[key]));
  return Array.from(marked.sort(), (mark) => entries[(mark % length + length) % length]);
}

// Sorts again only if necessary, to keep typing responsive.
function arrange() {
  const { ordered } = list;
  if (ordered?.sort !== list.sort || ordered.all !== list.all) {
    list.ordered = { sort: list.sort, all: list.all, entries: sorted() };
  }
  const { entries } = list.ordered;
  const text = folded(list.filter.trim());
  list.shown = text ? entries.filter((entry) => entry.has(text)) : entries;
  draw();
  if (!text) say('');
  else if (list.shown.length === 0) say(fill(words.nothing_matches, { text: list.filter.trim() }));
  else say(fill(words.matching, { n: number.format(list.shown.length), total: number.format(list.all.length) }));
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

// Blocks in or near the viewport are rendered; the others only keep their height.
const near = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting, boundingClientRect } of seen) {
    if (isIntersecting) fillBlock(target);
    else if (target.childElementCount) {
      target.style.height = boundingClientRect.height + 'px';
      target.replaceChildren();
    }
  }
}, { rootMargin: '1500px 0px' });

function fillBlock(block) {
  if (block.childElementCount) return;
  block.replaceChildren(...block.entries.map((entry) => entry.row()));
  block.style.height = '';
  block.entries.forEach(watchPicture);
}

function draw() {
  near.disconnect();
  const { shown } = list;
  const top = window.scrollY;
  const focused = document.activeElement?.closest('.e') && document.activeElement;
  const step = shown.length <= WHOLE ? Math.max(shown.length, 1) : BLOCK;
  const blocks = [];
  for (let start = 0; start < shown.length; start += step) {
    const block = document.createElement('ol');
    block.entries = shown.slice(start, start + step);
    blocks.push(block);
  }
  if (blocks.length) fillBlock(blocks[0]);
  if (blocks.length > 1) {
    // Added to the old rows before they are removed: a shorter page would lose the scroll position.
    box.append(blocks[0]);
    const height = blocks[0].getBoundingClientRect().height;
    for (const block of blocks.slice(1)) {
      block.style.height = (height * Math.ceil(block.entries.length / BLOCK * 12) / 12) + 'px';
    }
    // What is visible is rendered at once, the rest on scrolling.
    const first = Math.max(Math.floor(-box.getBoundingClientRect().top / height), 0);
    blocks.slice(first, first + 2).forEach(fillBlock);
  }
  box.replaceChildren(...blocks);
  // Browsers scroll along with rows that have moved.
  if (window.scrollY !== top) window.scrollTo(0, top);
  if (blocks.length > 1) blocks.forEach((block) => near.observe(block));
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

// Thumbnails load shortly before they scroll into view, a few at a time. Those that cameras embed
// are coarse; once all have loaded, sharper ones replace those still in view.
const waiting = new Set();
let loading = 0;
const AT_A_TIME = 6;
const SHARP_AT_A_TIME = 2;
// The approximate width of a tile, and how far a thumbnail may be scaled up.
const TILE = 170;
const STRETCH = 1.3;
// Up to this size, in bytes, the file is its own thumbnail.
const SMALL = 32768;

const sight = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (isIntersecting) waiting.add(target.closest('.e').entry);
    else waiting.delete(target.closest('.e').entry);
  }
  loadPictures();
}, { rootMargin: '400px 0px' });

function watchPicture(entry) {
  if (entry.thumbnail && (!entry.hasPicture || isCoarse(entry))) sight.observe(entry.element.querySelector('.pic'));
}

const isCoarse = ({ size, pixels }) =>
  list.layout === 'gallery' && size > SMALL && pixels * STRETCH < TILE * devicePixelRatio;

function loadPictures() {
  for (const entry of waiting) {
    if (loading >= AT_A_TIME) return;
    if (!entry.hasPicture) loadPicture(entry, entry.thumbnail);
  }
  for (const entry of waiting) {
    if (loading >= SHARP_AT_A_TIME) return;
    loadPicture(entry, entry.sharpThumbnail);
  }
}

function loadPicture(entry, source) {
  const place = entry.element.querySelector('.pic');
  const before = place.querySelector('img');
  waiting.delete(entry);
  sight.unobserve(place);
  entry.hasPicture = true;
  loading += 1;
  const image = new Image();
  image.alt = '';
  image.decoding = 'async';
  const done = () => { loading -= 1; loadPictures(); };
  image.onload = () => {
    image.className = 'there';
    before?.remove();
    // The second one is never replaced.
    entry.pixels = before ? Infinity : Math.min(image.naturalWidth, image.naturalHeight);
    if (isCoarse(entry)) sight.observe(place);
    done();
  };
  image.onerror = () => {
    image.remove();
    entry.pixels = Infinity;
    done();
  };
  image.src = source;
  place.append(image);
}

// Reads the state of the list from the address bar.
function query(open) {
  const pairs = [];
  if (list.sort !== 'name') pairs.push('sort=' + list.sort);
  if (list.isLayoutChosen) pairs.push('view=' + list.layout);
  if (list.filter) pairs.push('filter=' + encoded(list.filter));
  if (open) pairs.push('open=' + open);
  return pairs.length ? '?' + pairs.join('&') : location.pathname;
}

function asked(key) {
  const pair = location.search.slice(1).split('&').find((each) => each.startsWith(key + '='));
  return pair?.slice(key.length + 1);
}

function takeFromUrl() {
  const sort = asked('sort') ?? 'name';
  list.sort = /^-?(name|kind|size|changed)$/.test(sort) ? sort : 'name';
  const layout = asked('view');
  list.isLayoutChosen = layout === 'list' || layout === 'gallery';
  list.layout = list.isLayoutChosen ? layout : page.layout;
  try {
    list.filter = decodeURIComponent(asked('filter') ?? '');
  } catch {
    list.filter = '';
  }
}

function remember(open) {
  try {
    history.replaceState(history.state, '', query(open));
  } catch {
    // Safari limits how often it can be changed. The next change includes this one.
  }
}

function showSort() {
  const key = list.sort.replace('-', '');
  const isDown = list.sort.startsWith('-');
  for (const link of document.querySelectorAll('.head button')) {
    const way = link.querySelector('.way');
    way.replaceChildren();
    link.removeAttribute('aria-current');
    if (link.dataset.key !== key) continue;
    link.setAttribute('aria-current', 'true');
    const text = document.createElement('span');
    text.className = 'unseen';
    text.textContent = isDown ? words.descending : words.ascending;
    way.append(icon(isDown ? 'down' : 'up'), text);
  }
}

function icon(id) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', '#' + id);
  svg.setAttribute('aria-hidden', 'true');
  svg.append(use);
  return svg;
}

function showLayout() {
  document.body.classList.toggle('gallery', list.layout === 'gallery');
  document.body.classList.toggle('list', list.layout === 'list');
  for (const button of at('layouts').children) {
    button.setAttribute('aria-pressed', String(button.value === list.layout));
  }
}

function listen() {
  document.querySelector('.head').addEventListener('click', (event) => {
    const link = event.target.closest('button');
    if (!link || isForBrowser(event)) return;
    event.preventDefault();
    const { key } = link.dataset;
    const startsDown = key === 'size' || key === 'changed';
    if (list.sort.replace('-', '') === key) {
      list.sort = list.sort.startsWith('-') ? key : '-' + key;
    } else {
      list.sort = (startsDown ? '-' : '') + key;
    }
    showSort();
    arrange();
    remember();
  });
  at('layouts').addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    list.layout = button.value;
    list.isLayoutChosen = true;
    showLayout();
    draw();
    remember();
  });
  const input = at('filter').querySelector('input');
  input.value = list.filter;
  input.addEventListener('input', () => {
    list.filter = input.value;
    arrange();
    remember();
  });
  box.addEventListener('click', (event) => {
    const row = event.target.closest('.e');
    if (!row || event.target.closest('.get') || isForBrowser(event)) return;
    const link = row.querySelector('.open');
    if (canView(row.entry)) {
      event.preventDefault();
      openViewer(row.entry);
    } else if (!link.contains(event.target)) {
      // The time, which covers the link of its row.
      link.click();
    }
  });
}

// Clicks that open another tab or window, or save the file, are left to the browser.
const isForBrowser = (event) =>
  event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
