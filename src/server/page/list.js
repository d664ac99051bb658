// The list and the gallery: sorting, filtering, and drawing only what can be seen.

// Rows that are drawn and put away together.
const BLOCK = 60;
// A list of so many rows is drawn whole.
const WHOLE = 600;

const list = {
  all: [],          // entries in the order of their names
  shown: [],        // those that match, in the order that is asked for
  blocks: [],
  sort: page.sort,
  layout: page.layout,
  isLayoutChosen: false,
  filter: '',
};

const box = at('entries');
const status = at('status');

function sorted(entries) {
  const isDown = list.sort.startsWith('-');
  const key = list.sort.replace('-', '');
  const sign = isDown ? -1 : 1;
  const value = {
    name: (entry) => entry.rank,
    kind: (entry) => entry.kind,
    size: (entry) => entry.size,
    changed: (entry) => entry.time,
  }[key];
  // Folders stay in front. Equal ones stay in the order of their names.
  return entries.sort((a, b) =>
    (b.isFolder - a.isFolder) || sign * (value(a) - value(b)) || a.rank - b.rank);
}

function arrange() {
  const text = list.filter.trim().toLocaleLowerCase();
  list.shown = sorted(text ? list.all.filter((entry) => entry.has(text)) : [...list.all]);
  draw();
  if (!text) say('');
  else if (list.shown.length === 0) say(fill(words.nothing_matches, { text: list.filter.trim() }));
  else say(fill(words.matching, { n: number.format(list.shown.length), total: number.format(list.all.length) }));
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

// What is in view is drawn, and its neighbourhood; a block that is far away keeps its height.
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
  const isWhole = list.shown.length <= WHOLE;
  const step = isWhole ? Math.max(list.shown.length, 1) : BLOCK;
  const blocks = [];
  for (let start = 0; start < list.shown.length; start += step) {
    const block = document.createElement('ol');
    block.entries = list.shown.slice(start, start + step);
    blocks.push(block);
  }
  box.replaceChildren();
  if (blocks.length) fillBlock(blocks[0]);
  if (!isWhole) {
    box.append(blocks[0]);
    const height = blocks[0].getBoundingClientRect().height;
    for (const block of blocks.slice(1)) {
      block.style.height = (height * Math.ceil(block.entries.length / BLOCK * 12) / 12) + 'px';
    }
  }
  box.append(...blocks);
  if (!isWhole) blocks.forEach((block) => near.observe(block));
  list.blocks = blocks;
}

// Small pictures come when their place is nearly in view, as many at a time as a line can carry.
const waiting = new Set();
let loading = 0;
const AT_A_TIME = 6;

const sight = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (isIntersecting) waiting.add(target.closest('.e').entry);
    else waiting.delete(target.closest('.e').entry);
  }
  loadPictures();
}, { rootMargin: '400px 0px' });

function watchPicture(entry) {
  if (!entry.hasPicture && entry.thumbnail) sight.observe(entry.element.querySelector('.pic'));
}

function loadPictures() {
  for (const entry of waiting) {
    if (loading >= AT_A_TIME) return;
    waiting.delete(entry);
    const place = entry.element.querySelector('.pic');
    sight.unobserve(place);
    if (entry.hasPicture) continue;
    entry.hasPicture = true;
    loading += 1;
    const image = new Image();
    image.alt = '';
    image.decoding = 'async';
    const done = () => { loading -= 1; loadPictures(); };
    image.onload = () => { image.className = 'there'; done(); };
    image.onerror = () => { image.remove(); done(); };
    image.src = entry.thumbnail;
    place.append(image);
  }
}

// What the address bar says of the list.
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

function remember() {
  history.replaceState(history.state, '', query());
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
    const link = event.target.closest('.open');
    const entry = link?.closest('.e').entry;
    if (!entry || isForBrowser(event) || !canView(entry)) return;
    event.preventDefault();
    openViewer(entry);
  });
}

// A click that opens another tab or window, or saves, is left to the browser.
const isForBrowser = (event) =>
  event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
