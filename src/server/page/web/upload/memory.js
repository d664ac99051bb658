// What a reload must not lose: the delivery, and which files of it have arrived, are under way or
// are missing. Only in this browser, and only for this folder.

import { display } from './display.js';
import { store, stored } from './kept.js';

const PLACE = `upload:${location.pathname}`;
// Longer than the server keeps parts.
const KEPT_MS = 7 * 86400000;
const MOST_NAMES = 200;

const random = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
// By the key of a file: those that have arrived, the URLs of those under way, and the paths of those
// that are missing. Of many, only the first paths are kept.
const remembered = ({ delivery, done, open, missing }) => ({
  delivery,
  done: new Set(done),
  open: new Map(open),
  missing: new Map(missing),
});
const nothing = () => remembered({ delivery: random() });

/** What is remembered. */
export const memory = recalled();
// Another tab may be sending to the same folder. Then this one remembers nothing. The page before a
// reload may take a moment to go.
let isMine = true;
const late = new AbortController();
setTimeout(() => late.abort(), 500);
navigator.locks
  ?.request(PLACE, { signal: late.signal }, () => new Promise(() => {}))
  .catch(() => {
    isMine = false;
    forget();
    display.drawSoon();
  });

function recalled() {
  const kept = JSON.parse(stored(PLACE) || '{}');
  return Date.now() - kept.time < KEPT_MS ? remembered(kept) : nothing();
}

/** Starts a new delivery. */
export function forget() {
  Object.assign(memory, nothing());
  keep();
}

/** What may be taken later. */
export const AGAIN = { quota: 1, disk_full: 1, failed: 1 };

/** Remembers what has become of a file. */
export function remember({ key, path, state, trouble, url }) {
  memory.open.delete(key);
  memory.missing.delete(key);
  if (state === 'done') memory.done.add(key);
  else if (url) memory.open.set(key, url);
  if (/waiting|sending|paused/.test(state) || trouble in AGAIN) memory.missing.set(key, path);
  saving ||= setTimeout(keep, 3000);
}

let saving = 0;
function keep() {
  clearTimeout(saving);
  saving = 0;
  if (!isMine) return;
  const { delivery, done, open, missing } = memory;
  const names = Array.from(missing, ([key, path], place) => (place < MOST_NAMES ? [key, path] : [key]));
  const kept = { delivery, done: [...done], open: [...open], missing: names, time: Date.now() };
  store(PLACE, names.length ? JSON.stringify(kept) : '');
}
window.addEventListener('pagehide', keep);
