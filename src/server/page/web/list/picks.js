// Selecting and searching in all folders: what starts them. The rest is a part of the script.

import { at, element, icon } from '../common/dom.js';
import { loadPart } from '../viewer/parts.js';
import { box } from './blocks.js';
import { texts } from './page.js';
import { list } from './state.js';
import { say } from './status.js';

// How long a finger has to stay, in milliseconds.
const LONG = 450;

/** Runs a function of the part. */
export async function withPart(name, ...values) {
  try {
    (await loadPart('select'))[name](...values);
  } catch {
    say(texts.part_failed);
  }
}

/** Adds the buttons, and listens to keys, clicks and fingers. */
export function offerPicks() {
  const select = toolButton('pick', texts.select);
  select.setAttribute('aria-pressed', 'false');
  select.append(icon('tick'));
  select.addEventListener('click', () => withPart('switchPicking'));
  at('layouts').before(select);
  if ('popover' in select) offerOptions();
  box.addEventListener('click', (event) => {
    const row = event.target.closest('.e');
    if (!row) return;
    const isBox = event.target.matches('.pick');
    if (!isBox && (!document.body.classList.contains('picking') || event.target.closest('.get'))) return;
    if (!isBox) event.preventDefault();
    event.stopImmediatePropagation();
    withPart('pick', row.entry, event.shiftKey);
  });
  document.addEventListener('keydown', onListKey);
  listenForFingers();
}

// How tiles look.
function offerOptions() {
  const options = toolButton('options', texts.tiles);
  options.append(icon('sliders'));
  const open = async (event) => {
    // The button gets what it shows while this click lasts, if the part is there.
    event.preventDefault();
    try {
      const { showOptions } = await loadPart('gallery');
      showOptions(options);
    } catch {
      say(texts.part_failed);
      options.addEventListener('click', open, { once: true });
    }
  };
  options.addEventListener('click', open, { once: true });
  document.querySelector('.head').after(options);
}

function toolButton(id, label) {
  const made = element('button', 'tool');
  Object.assign(made, { id, type: 'button', title: label });
  made.setAttribute('aria-label', label);
  return made;
}

function onListKey(event) {
  const { target, key } = event;
  if (
    document.querySelector('dialog[open]') ||
    (/^(INPUT|TEXTAREA)$/.test(target.tagName) && target.type !== 'checkbox')
  )
    return;
  const isCommand = event.ctrlKey || event.metaKey;
  const row = target.closest?.('.e');
  if (isCommand && key.toLowerCase() === 'a' && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    withPart('pickAll');
  } else if (isCommand || event.altKey) {
    // Those of the browser.
  } else if (key.toLowerCase() === 'c' && row) {
    withPart('copyOne', row.entry);
  } else if (key.toLowerCase() === 'x' && row) {
    withPart('pick', row.entry, event.shiftKey);
  } else if (key === '/') {
    event.preventDefault();
    at('filter').querySelector('input').focus();
  } else if (key === '?') {
    withPart('showKeys');
  } else if (key === 'Escape' && document.body.classList.contains('picking')) {
    withPart('stopPicking');
  }
}

// A finger that stays on a row selects it.
function listenForFingers() {
  let wait = 0;
  let isHeld = false;
  const end = () => clearTimeout(wait);
  box.addEventListener(
    'touchstart',
    (event) => {
      end();
      isHeld = false;
      const row = event.target.closest('.e');
      if (!row || event.touches.length > 1 || event.target.closest('.get')) return;
      wait = setTimeout(() => {
        isHeld = true;
        navigator.vibrate?.(10);
        withPart('pick', row.entry, false);
      }, LONG);
    },
    { passive: true },
  );
  box.addEventListener('touchmove', end, { passive: true });
  box.addEventListener('touchcancel', end);
  box.addEventListener('touchend', (event) => {
    end();
    // It is no tap.
    if (isHeld) event.preventDefault();
  });
  box.addEventListener('pointerdown', ({ pointerType }) => {
    if (pointerType === 'mouse') isHeld = false;
  });
  box.addEventListener('contextmenu', (event) => {
    if (isHeld) event.preventDefault();
  });
}

/** Offers to search in all folders, if there are some and something is sought. */
export function offerSearch() {
  let offer = at('below');
  if (!offer) {
    offer = element('button', 'tool', texts.all_folders);
    Object.assign(offer, { id: 'below', type: 'button' });
    offer.addEventListener('click', () => withPart('switchSearch'));
    at('filter').after(offer);
  }
  offer.hidden = !list.filter.trim() || !(list.isBelow || list.all.some((entry) => entry.isFolder));
  offer.setAttribute('aria-pressed', String(list.isBelow));
}
