// The viewer: shows one file at a time on top of the list. Its name is in the address bar.

import { element, fill, icon } from '../common/dom.js';
import { number } from '../common/locale.js';
import { shownSize } from '../common/sizes.js';
import { query, remember } from '../list/address.js';
import { kinds, texts, viewerWords } from '../list/page.js';
import { withPart } from '../list/picks.js';
import { list } from '../list/state.js';
import { loadPictures } from '../list/thumbnails.js';
import { card } from './card.js';
import { isDocument, showDocument } from './documents.js';
import { showFailure } from './failure.js';
import { canView, neighbour, viewed } from './neighbours.js';
import { loadPart } from './parts.js';
import { showPdf } from './pdf.js';
import { showPicture } from './picture.js';

// `stop` ends what one file needs, and `kind` what files of its kind need.
const viewer = { dialog: null, stop: null, kind: null, isClosing: false };

function button(id, label, className) {
  const element = document.createElement(id === 'get' || id === 'out' ? 'a' : 'button');
  if (element.tagName === 'BUTTON') element.type = 'button';
  element.className = 'act ' + (className ?? '');
  element.title = label;
  element.setAttribute('aria-label', label);
  element.append(icon(id));
  return element;
}

function makeDialog() {
  const dialog = element('dialog');
  const bar = element('div', 'bar');
  const close = button('close', viewerWords.close);
  const name = element('div', 'name');
  const title = element('h2');
  title.id = 'viewed';
  const position = element('p');
  name.append(title, position);
  bar.append(close, name);
  const before = button('back', viewerWords.previous, 'side before');
  const after = button('on', viewerWords.next, 'side after');
  const acts = element('div', 'acts');
  const open = button('out', viewerWords.open, 'tab');
  open.target = '_blank';
  open.rel = 'noopener';
  const save = button('get', viewerWords.save);
  save.setAttribute('download', '');
  // What goes with the kind of file that is shown.
  const tools = element('div', 'means');
  const link = button('link', texts.copy_link, 'link');
  link.addEventListener('click', () => withPart('copyOne', viewed.entry));
  acts.append(tools, link, open, save);
  if (navigator.share) {
    const send = button('share', texts.share, 'send');
    send.addEventListener('click', () => withPart('sendOne', viewed.entry));
    link.after(send);
  }
  const stage = element('div', 'stage');
  stage.tabIndex = -1;
  stage.setAttribute('role', 'group');
  stage.setAttribute('aria-labelledby', 'viewed');
  // Browsers show a dialog on the whole screen only with what is in it.
  const frame = element('div', 'frame');
  frame.append(bar, before, after, acts, stage);
  dialog.append(frame);
  dialog.setAttribute('aria-labelledby', 'viewed');
  name.setAttribute('aria-live', 'polite');
  close.addEventListener('click', closeViewer);
  before.addEventListener('click', () => step(-1));
  after.addEventListener('click', () => step(1));
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    closeViewer();
  });
  // Browsers close it after a second Esc in any case.
  dialog.addEventListener('close', () => {
    if (viewed.entry && !dialog.open) closeViewer();
  });
  dialog.addEventListener('keydown', onKey);
  for (const type of ['keydown', 'pointerdown']) {
    document.addEventListener(type, () => dialog.classList.toggle('keys', type === 'keydown'), {
      capture: true,
    });
  }
  listenForSwipes(stage);
  document.body.append(dialog);
  return Object.assign(viewer, { dialog, frame, stage, tools, title, position, open, save, before, after });
}

function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  // These use the arrow keys themselves.
  if (/^(VIDEO|AUDIO|INPUT|SELECT)$/.test(event.target.tagName)) return;
  const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    event.preventDefault();
    step(event.key === forward ? 1 : -1);
  }
}

// A swipe is one finger moving sideways while neither the page nor the picture is zoomed.
function listenForSwipes(stage) {
  let start = null;
  stage.addEventListener(
    'touchstart',
    (event) => {
      const isZoomed = (window.visualViewport?.scale ?? 1) > 1.01 || stage.classList.contains('zoomed');
      const [touch] = event.touches;
      start = event.touches.length === 1 && !isZoomed ? { x: touch.clientX, y: touch.clientY } : null;
    },
    { passive: true },
  );
  stage.addEventListener(
    'touchend',
    (event) => {
      if (!start || event.touches.length) return;
      const [touch] = event.changedTouches;
      const x = touch.clientX - start.x;
      const y = touch.clientY - start.y;
      start = null;
      if (Math.abs(x) < 50 || Math.abs(x) < Math.abs(y) * 1.5) return;
      const isRtl = document.documentElement.dir === 'rtl';
      step(x < 0 !== isRtl ? 1 : -1);
    },
    { passive: true },
  );
}

/** Shows the next or previous file. */
function step(way) {
  const entry = neighbour(way);
  if (entry) go(entry);
}

/** Shows another file in place of this one. */
export function go(entry) {
  // What the address asks of this one is not for the other.
  remember(entry.code);
  show(entry);
}

/** Opens a file from the list. This adds a history entry, so that Back returns to the list. */
export function openViewer(entry, place = '') {
  try {
    history.pushState({ viewer: true }, '', query(entry.code + place));
  } catch {
    // Safari limits how often it can be changed.
  }
  show(entry);
}

function closeViewer() {
  // Going back takes a moment; a second click meanwhile must not go back again.
  if (viewer.isClosing) return;
  if (history.state?.viewer) {
    viewer.isClosing = true;
    history.back();
  } else {
    remember();
    hide();
  }
}

/** Shows the list again. */
export function hide() {
  viewer.isClosing = false;
  if (!viewed.entry) return;
  viewer.stop?.abort();
  viewer.kind?.abort();
  viewer.dialog.close();
  viewer.stage.replaceChildren();
  document.body.classList.remove('viewing');
  document.title = viewer.pageTitle;
  const { entry } = viewed;
  viewed.entry = null;
  loadPictures();
  // Returns to the place in the list, that of the file last viewed.
  const link = entry.element?.isConnected && entry.element.querySelector('.open');
  if (link) {
    link.focus({ preventScroll: true });
    entry.element.scrollIntoView({ block: 'nearest' });
  }
}

/** Shows a file. */
export function show(entry) {
  if (!viewer.dialog) makeDialog();
  viewer.pageTitle ??= document.title;
  viewer.isClosing = false;
  viewer.stop?.abort();
  viewer.stop = new AbortController();
  if (viewed.entry?.kind !== entry.kind) {
    viewer.kind?.abort();
    viewer.kind = new AbortController();
    viewer.tools.replaceChildren();
  }
  viewed.entry = entry;
  const { dialog, stage, title, position, open, save, before, after } = viewer;
  const files = list.shown.filter(canView);
  title.replaceChildren(element('bdi', '', entry.name));
  title.title = entry.name;
  document.title = entry.name;
  position.textContent =
    fill(viewerWords.position, {
      n: number.format(files.indexOf(entry) + 1),
      total: number.format(files.length),
    }) +
    ' · ' +
    shownSize(entry.size);
  open.href = entry.url;
  save.href = entry.url + '?download';
  const isReading = isDocument(entry);
  dialog.classList.toggle('dark', entry.kind === kinds.picture || entry.kind === kinds.video);
  dialog.classList.toggle('reading', isReading || entry.kind === kinds.pdf);
  stage.className = isReading ? 'stage' : 'stage media';
  stage.tabIndex = isReading ? 0 : -1;
  stage.scrollTop = 0;
  for (const [side, way] of [
    [before, -1],
    [after, 1],
  ]) {
    side.setAttribute('aria-disabled', String(!neighbour(way)));
    side.hidden = files.length < 2;
  }
  stage.replaceChildren();
  const isOpen = dialog.open;
  if (!isOpen) {
    document.body.classList.add('viewing');
    dialog.showModal();
  }
  // What had the focus may be gone.
  if (!isOpen || document.activeElement === document.body || document.activeElement === dialog) {
    stage.focus({ preventScroll: true });
  }
  const signal = viewer.stop.signal;
  const again = () => show(entry);
  const failed = (mayBeLost) => showFailure(entry, stage, signal, again, mayBeLost);
  if (entry.kind === kinds.picture) showPictureWithPart(entry, signal, failed);
  else if (entry.kind === kinds.video || entry.kind === kinds.audio) showMediaPart(entry, signal, failed);
  else if (entry.kind === kinds.pdf) showPdf(entry, stage, signal, failed);
  else if (isReading) showDocumentOrCard(entry, stage, signal, again);
  else stage.replaceChildren(card(entry, ''));
}

async function showMediaPart(entry, signal, failed) {
  try {
    const { showMedia } = await loadPart('media');
    if (!signal.aborted) showMedia(entry, viewer, signal, failed);
  } catch {
    if (!signal.aborted) failed(true);
  }
}

// A picture is there before what one can do with it.
async function showPictureWithPart(entry, signal, failed) {
  const loaded = new Promise((resolve) => showPicture(entry, viewer.stage, signal, resolve, failed));
  try {
    const { prepare, control } = await loadPart('picture');
    if (signal.aborted) return;
    prepare(viewer);
    const image = await loaded;
    if (!signal.aborted) control(entry, image, viewer, signal);
  } catch {
    // It can be seen without.
  }
}

async function showDocumentOrCard(entry, stage, signal, again) {
  try {
    await showDocument(entry, stage, signal);
  } catch (error) {
    if (signal.aborted) return;
    stage.className = 'stage media';
    if (error.message !== 'binary') showFailure(entry, stage, signal, again, true, viewerWords.cannot_load);
    else stage.replaceChildren(card(entry, entry.kind === kinds.file ? '' : viewerWords.cannot_show));
  }
}
