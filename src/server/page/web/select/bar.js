// What can be done with what is selected.

import { counted } from '../common/counts.js';
import { at, element, fill, icon } from '../common/dom.js';
import { number } from '../common/locale.js';
import { shownSize } from '../common/sizes.js';
import { texts } from '../list/page.js';
import { list } from '../list/state.js';
import { MOST, choose, linkTo } from './selection.js';

let bar = null;

function barButton(id, text, className, act) {
  const made = element('button', className);
  made.type = 'button';
  made.append(icon(id));
  if (className !== 'act') made.append(element('span', '', text));
  made.addEventListener('click', act);
  return made;
}

function makeBar({ all, stop }) {
  const place = element('section');
  place.id = 'picked';
  place.setAttribute('aria-label', texts.selection);
  const told = element('p');
  told.setAttribute('role', 'status');
  const save = barButton('get', '', 'button', () => download());
  const copy = barButton('link', texts.copy_link, 'button plain', () => copyLink());
  const send = barButton('share', texts.share, 'button plain', () => sendLink());
  send.hidden = !navigator.share;
  const every = barButton('ticks', texts.select_all, 'button plain', all);
  const close = barButton('close', texts.deselect, 'act', stop);
  close.title = texts.deselect;
  close.setAttribute('aria-label', texts.deselect);
  place.append(close, told, every, copy, send, save);
  document.querySelector('main').append(place);
  bar = { place, told, save, copy, send, every, close, entries: [], choice: null };
  document.addEventListener('drawn', offerAll);
}

// What is filtered may be selected, or not.
function offerAll() {
  const { every, close } = bar;
  const isAll = list.shown.every((entry) => entry.isPicked);
  if (isAll && document.activeElement === every) focusLater(close);
  every.hidden = isAll;
}

// Not while a key is handled, which would press the other button as well.
function focusLater(button) {
  setTimeout(() => button.focus({ preventScroll: true }));
}

/** Shows the bar for these entries. */
export function showBar(entries, acts) {
  if (!bar) makeBar(acts);
  bar.place.hidden = false;
  bar.entries = entries;
  bar.told.textContent = entries.length ? counted(texts.count.selected, entries.length) : texts.select_some;
  offerAll();
  for (const each of [bar.save, bar.copy, bar.send]) each.disabled = entries.length === 0;
  const files = entries.filter((entry) => !entry.isFolder);
  // What is in folders, the server knows.
  const isKnown = files.length === entries.length;
  tellSize(
    isKnown && files.length,
    files.reduce((sum, { size }) => sum + size, 0),
  );
  bar.choice?.abort();
  bar.choice = choose(entries, !isKnown);
  const { choice } = bar;
  choice.told?.then(
    ({ files, size }) => {
      if (bar.choice === choice) tellSize(files, size);
    },
    () => {},
  );
}

function tellSize(files, size) {
  const text = typeof files === 'number' && files > 0 ? counted(texts.count.get, files) : texts.get;
  bar.save.querySelector('span').textContent = text;
  bar.save.querySelector('small')?.remove();
  if (typeof files === 'number' && files > 0) bar.save.append(element('small', '', shownSize(size)));
}

/** Takes the bar away. */
export function hideBar() {
  bar?.choice?.abort();
  if (!bar) return;
  const hasFocus = bar.place.contains(document.activeElement);
  bar.place.hidden = true;
  if (hasFocus) focusLater(at('pick'));
}

async function download() {
  const url = await theUrl((choice) => choice.url());
  if (!url) return;
  const link = element('a');
  Object.assign(link, { href: url, download: '' });
  link.click();
}

async function copyLink() {
  const url = await theUrl(() => linkTo(bar.entries, bar.choice));
  if (!url) return;
  try {
    await navigator.clipboard.writeText(url);
    bar.told.textContent = texts.link_copied;
  } catch {
    // A page that did not come by HTTPS may not. The visitor copies it instead.
    const field = element('input', 'link');
    Object.assign(field, { value: url, readOnly: true });
    field.setAttribute('aria-label', texts.copy_link);
    bar.told.replaceChildren(field);
    field.select();
  }
}

async function sendLink() {
  const url = await theUrl(() => linkTo(bar.entries, bar.choice));
  const { entries } = bar;
  const title = entries.length === 1 ? entries[0].name : document.title;
  try {
    if (url) await navigator.share({ title, url });
  } catch {
    // The visitor changed their mind.
  }
}

async function theUrl(ask) {
  try {
    return await ask(bar.choice);
  } catch (error) {
    const text =
      error.message === '413' ? fill(texts.too_many, { n: number.format(MOST) }) : texts.no_selection;
    bar.told.textContent = text;
    return null;
  }
}
