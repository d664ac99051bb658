// What can be done with what is selected.

import { counted } from '../common/counts.js';
import { at, element, fill, icon } from '../common/dom.js';
import { number } from '../common/locale.js';
import { shownSize } from '../common/sizes.js';
import { texts, words } from '../list/page.js';
import { list } from '../list/state.js';
import { linkTo } from './address.js';
import { MOST, choose } from './selection.js';
import { copyLink, sendLink } from './sharing.js';

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
  const link = barButton('link', texts.copy_link, 'button plain', copy);
  const share = barButton('share', texts.share, 'button plain', send);
  share.hidden = !navigator.share;
  const every = barButton('ticks', texts.select_all, 'button plain', all);
  const rest = barButton('rows', words.show_all, 'button plain', stop);
  const close = barButton('close', texts.deselect, 'act', stop);
  close.title = texts.deselect;
  close.setAttribute('aria-label', texts.deselect);
  place.append(close, told, every, rest, link, share, save);
  document.querySelector('main').append(place);
  bar = { place, told, save, link, share, every, rest, close, entries: [], choice: null };
  document.addEventListener('drawn', offerAll);
}

// What is filtered may be selected, or not.
function offerAll() {
  const { every, rest, close } = bar;
  const isAll = list.shown.every((entry) => entry.isPicked);
  if (isAll && document.activeElement === every) focusLater(close);
  every.hidden = isAll;
  rest.hidden = list.only.size === 0;
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
  for (const each of [bar.save, bar.link, bar.share]) each.disabled = entries.length === 0;
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

async function copy() {
  const link = await theUrl((choice) => linkTo(bar.entries, choice));
  if (!link) return;
  const text = link.isZip ? texts.zip_link_copied : texts.link_copied;
  await copyLink(link.url, (told) => bar.told.replaceChildren(told), text);
}

async function send() {
  const link = await theUrl((choice) => linkTo(bar.entries, choice));
  const { entries } = bar;
  if (link) await sendLink(link.url, entries.length === 1 ? entries[0].name : document.title);
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
