// What a reload must not lose: the delivery, and which files of it have arrived, are under way or
// are missing. Only in this browser, and only for this folder.

// A value that this browser keeps, if there is room and the visitor lets it.
function stored(key, ...value) {
  try {
    return value.length ? localStorage.setItem(key, ...value) : localStorage.getItem(key);
  } catch {
    return null;
  }
}

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

let memory = recalled();
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
    drawSoon();
  });

function recalled() {
  const kept = JSON.parse(stored(PLACE) || '{}');
  return Date.now() - kept.time < KEPT_MS ? remembered(kept) : nothing();
}

// Starts a new delivery.
function forget() {
  memory = nothing();
  keep();
}

// 53 bits of a path, a size and a time of change, which are the same for a file that is chosen again.
function keyOf(path, file) {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (const code of new TextEncoder().encode(`${path}\0${file.size}\0${file.lastModified}`)) {
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}

// What may be taken later.
const AGAIN = { quota: 1, disk_full: 1, failed: 1 };

// Remembers what has become of a file.
function remember({ key, path, state, trouble, url }) {
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
  stored(PLACE, names.length ? JSON.stringify(kept) : '');
}
window.addEventListener('pagehide', keep);
