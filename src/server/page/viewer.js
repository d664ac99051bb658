// The viewer: one file at a time over the list, in the address bar by its name.

const say_ = page.viewer;
const TEXT_BYTES = 1000000;
const TEXT_LINES = 20000;
const kinds = Object.fromEntries(
  ['folder', 'picture', 'video', 'audio', 'pdf', 'markdown', 'text', 'code'].map((name, n) => [name, n]));
const canView = (entry) => entry.kind > kinds.folder && entry.kind <= kinds.code;

const viewer = { entry: null, dialog: null, stop: null };

function button(id, label, className) {
  const element = document.createElement(id === 'get' || id === 'out' ? 'a' : 'button');
  if (element.tagName === 'BUTTON') element.type = 'button';
  element.className = 'act ' + (className ?? '');
  element.title = label;
  element.setAttribute('aria-label', label);
  element.append(icon(id));
  return element;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function makeDialog() {
  const dialog = element('dialog');
  const bar = element('div', 'bar');
  const close = button('close', say_.close);
  const name = element('div', 'name');
  const title = element('h2');
  title.id = 'viewed';
  const position = element('p');
  name.append(title, position);
  const open = button('out', say_.open);
  open.target = '_blank';
  open.rel = 'noopener';
  const save = button('get', say_.save);
  save.setAttribute('download', '');
  bar.append(close, name, open, save);
  const stage = element('div', 'stage');
  stage.tabIndex = -1;
  const before = button('back', say_.previous, 'side before');
  const after = button('on', say_.next, 'side after');
  dialog.append(bar, stage, before, after);
  dialog.setAttribute('aria-labelledby', 'viewed');
  name.setAttribute('aria-live', 'polite');
  close.addEventListener('click', closeViewer);
  before.addEventListener('click', () => step(-1));
  after.addEventListener('click', () => step(1));
  dialog.addEventListener('cancel', (event) => { event.preventDefault(); closeViewer(); });
  dialog.addEventListener('keydown', onKey);
  listenForSwipes(stage);
  document.body.append(dialog);
  return Object.assign(viewer, { dialog, stage, title, position, open, save, before, after });
}

function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  // These have arrow keys of their own.
  if (/^(VIDEO|AUDIO|INPUT)$/.test(event.target.tagName)) return;
  const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    event.preventDefault();
    step(event.key === forward ? 1 : -1);
  }
}

// A swipe is one finger that goes sideways, as long as the page is not zoomed.
function listenForSwipes(stage) {
  let start = null;
  stage.addEventListener('touchstart', (event) => {
    const isZoomed = (window.visualViewport?.scale ?? 1) > 1.01;
    const [touch] = event.touches;
    start = event.touches.length === 1 && !isZoomed ? { x: touch.clientX, y: touch.clientY } : null;
  }, { passive: true });
  stage.addEventListener('touchend', (event) => {
    if (!start || event.touches.length) return;
    const [touch] = event.changedTouches;
    const x = touch.clientX - start.x;
    const y = touch.clientY - start.y;
    start = null;
    if (Math.abs(x) < 50 || Math.abs(x) < Math.abs(y) * 1.5) return;
    const isRtl = document.documentElement.dir === 'rtl';
    step((x < 0) !== isRtl ? 1 : -1);
  }, { passive: true });
}

// The next file that can be viewed, in the order of the list.
function neighbour(way) {
  const { shown } = list;
  for (let index = shown.indexOf(viewer.entry) + way; index >= 0 && index < shown.length; index += way) {
    if (canView(shown[index])) return shown[index];
  }
  return null;
}

function step(way) {
  const entry = neighbour(way);
  if (!entry) return;
  show(entry);
  history.replaceState(history.state, '', query(entry.code));
}

// Opened from the list it is one step of the history, so that back leads to the list.
function openViewer(entry) {
  history.pushState({ viewer: true }, '', query(entry.code));
  show(entry);
}

function closeViewer() {
  if (history.state?.viewer) history.back();
  else {
    history.replaceState(null, '', query());
    hide();
  }
}

function hide() {
  if (!viewer.entry) return;
  viewer.stop?.abort();
  viewer.dialog.close();
  viewer.stage.replaceChildren();
  document.body.classList.remove('viewing');
  document.title = viewer.pageTitle;
  const { entry } = viewer;
  viewer.entry = null;
  // Where one was in the list, one is again; also after stepping on to another file.
  const link = entry.element?.isConnected && entry.element.querySelector('.open');
  if (link) {
    link.focus({ preventScroll: true });
    entry.element.scrollIntoView({ block: 'nearest' });
  }
}

function show(entry) {
  if (!viewer.dialog) makeDialog();
  viewer.pageTitle ??= document.title;
  viewer.stop?.abort();
  viewer.stop = new AbortController();
  viewer.entry = entry;
  const { dialog, stage, title, position, open, save, before, after } = viewer;
  const files = list.shown.filter(canView);
  title.replaceChildren(element('bdi', '', entry.name));
  title.title = entry.name;
  document.title = entry.name;
  position.textContent = fill(say_.position, {
    n: number.format(files.indexOf(entry) + 1), total: number.format(files.length),
  }) + ' · ' + shownSize(entry.size);
  open.href = entry.url;
  save.href = entry.url + '?download';
  const isReading = entry.kind >= kinds.markdown;
  const isMedia = !isReading;
  dialog.classList.toggle('dark', entry.kind === kinds.picture || entry.kind === kinds.video);
  dialog.classList.toggle('reading', isReading || entry.kind === kinds.pdf);
  stage.className = isMedia ? 'stage media' : 'stage';
  stage.tabIndex = isReading ? 0 : -1;
  stage.scrollTop = 0;
  for (const [side, way] of [[before, -1], [after, 1]]) {
    side.setAttribute('aria-disabled', String(!neighbour(way)));
    side.hidden = files.length < 2;
  }
  stage.replaceChildren();
  if (!dialog.open) {
    document.body.classList.add('viewing');
    dialog.showModal();
    stage.focus({ preventScroll: true });
  }
  const signal = viewer.stop.signal;
  if (entry.kind === kinds.picture) showPicture(entry, signal);
  else if (entry.kind === kinds.video) showMedia(entry, 'video');
  else if (entry.kind === kinds.audio) showMedia(entry, 'audio');
  else if (entry.kind === kinds.pdf) showPdf(entry);
  else showText(entry, signal).catch((error) => {
    if (!signal.aborted) showCard(entry, error.message === 'binary' ? say_.cannot_show : say_.cannot_load);
  });
}

function showPicture(entry, signal) {
  const { stage } = viewer;
  const image = new Image();
  image.alt = entry.name;
  image.onload = () => {
    if (signal.aborted) return;
    stage.replaceChildren(image);
    // The one that is likely to be next is there when it is wanted.
    const next = neighbour(1);
    if (next?.isPicture && next.size < 12000000) new Image().src = next.url;
  };
  image.onerror = () => { if (!signal.aborted) showCard(entry, say_.cannot_show); };
  image.src = entry.url;
  if (image.complete) return;
  const first = entry.thumbnail && new Image();
  if (first) {
    first.className = 'first';
    first.alt = '';
    first.src = entry.thumbnail;
    stage.append(first);
  } else {
    stage.append(element('p', 'wait', say_.loading));
  }
  signal.addEventListener('abort', () => { image.onload = image.onerror = null; image.src = ''; });
}

function showMedia(entry, tag) {
  const media = element(tag);
  media.controls = true;
  media.preload = 'metadata';
  media.playsInline = true;
  media.setAttribute('aria-label', entry.name);
  media.onerror = () => {
    if (viewer.entry === entry) showCard(entry, say_.cannot_show);
  };
  media.src = entry.url;
  viewer.stage.append(media);
  viewer.stop.signal.addEventListener('abort', () => {
    media.onerror = null;
    media.removeAttribute('src');
    media.load();
  });
}

function showPdf(entry) {
  // Phones have no room for it in a page.
  if (navigator.pdfViewerEnabled === false) {
    showCard(entry, say_.cannot_show);
    return;
  }
  const frame = element('iframe');
  frame.title = entry.name;
  frame.src = entry.url;
  viewer.stage.append(frame);
}

function showCard(entry, text) {
  const card = element('div', 'card');
  const picture = icon(page.icons[entry.kind]);
  picture.classList.add('big');
  const save = element('a', 'button');
  save.href = entry.url + '?download';
  save.setAttribute('download', '');
  save.append(icon('get'), element('span', '', say_.save));
  card.append(picture, element('p', '', text), save);
  viewer.stage.replaceChildren(card);
}

async function showText(entry, signal) {
  const { stage } = viewer;
  const wait = setTimeout(() => stage.append(element('p', 'wait', say_.loading)), 300);
  try {
    if (entry.kind === kinds.markdown) {
      const response = await fetch(entry.url + '?rendered', { signal });
      if (!response.ok) throw new Error('gone');
      // The server lets no markup of the file's own through, and the page's policy no script.
      const parsed = new DOMParser().parseFromString(await response.text(), 'text/html');
      const prose = element('article', 'prose');
      prose.append(...parsed.body.childNodes);
      stage.replaceChildren(prose);
      return;
    }
    const headers = entry.size > TEXT_BYTES ? { Range: `bytes=0-${TEXT_BYTES - 1}` } : {};
    const response = await fetch(entry.url, { signal, headers });
    if (!response.ok) throw new Error('gone');
    const type = response.headers.get('content-type') ?? '';
    const charset = /charset=([\w-]+)/.exec(type)?.[1];
    const bytes = await response.arrayBuffer();
    const text = decode(bytes, charset);
    const lines = text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n');
    const isCut = response.status === 206 || lines.length > TEXT_LINES;
    const lined = element('pre', 'lines');
    lined.append(...lines.slice(0, TEXT_LINES).map((line) => element('span', '', line || ' ')));
    stage.replaceChildren(...(isCut ? [element('p', 'cut', say_.cut)] : []), lined);
  } finally {
    clearTimeout(wait);
  }
}

// A link in Markdown to another file of this folder opens it here, too.
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('.prose a');
  if (!link || isForBrowser(event) || link.origin !== location.origin) return;
  const folder = location.pathname.replace(/[^/]*$/, '');
  const entry = list.all.find((each) => canView(each) && new URL(each.url, location).pathname === link.pathname);
  if (!link.pathname.startsWith(folder) || !entry) return;
  event.preventDefault();
  if (viewer.entry) {
    show(entry);
    history.replaceState(history.state, '', query(entry.code));
  } else {
    openViewer(entry);
  }
});

// UTF-8 where it is, else what old Windows programs write.
function decode(bytes, charset) {
  try {
    return new TextDecoder(charset ?? 'utf-8', { fatal: !charset }).decode(bytes);
  } catch {
    if (new Uint8Array(bytes).subarray(0, 8000).includes(0)) throw new Error('binary');
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
