// The files of this visit: which are sent, which wait, and what to do when that fails.

// So many are sent at a time. What is small takes half a place: there it is not the bytes that take
// time, but the way to the server and back.
const PLACES = 3;
const SMALL = 262144;
// The speed is that of the last seconds.
const WINDOW_MS = 20000;

// By their keys.
const all = new Map();
const waiting = [];
const tally = { ready: 0, waiting: 0, sending: 0, paused: 0, failed: 0, done: 0, gone: 0 };
const bytes = { total: 0, sent: 0 };
let taken = 0;
let isRunning = false;
// How much had been sent at what time.
let pace = [];

// Why nothing is sent at the moment, and how often that was so without a success in between.
const hold = { kind: '', isFinal: false, times: 0, full: 0, timer: 0 };

const those = (states) => [...all.values()].filter(({ state }) => states.includes(state));
// The paths of remembered files that have not been chosen again.
const missing = () => Array.from(memory.missing).flatMap(([key, path]) => (all.has(key) ? [] : [path]));

// Adds a file to the list, unless it is there. Its `offset` is what the server has acknowledged.
function add(file, path) {
  const key = keyOf(path, file);
  if (all.has(key)) return false;
  const { size } = file;
  const { open, missing, done } = memory;
  const isBegun = missing.has(key);
  const item = { key, file, path, size, offset: 0, url: open.get(key), isBegun, state: 'ready', refusals: 0 };
  all.set(key, item);
  tally.ready += 1;
  bytes.total += size;
  changed(item);
  if (done.has(key)) {
    acknowledge(item, size);
    put(item, 'done');
  } else if (page.maxBytes && size > page.maxBytes) {
    put(item, 'failed', 'too_large');
  } else if (isRunning || isBegun) {
    put(item, 'waiting');
    isRunning = true;
  }
  return true;
}

// What is not sent doesn't count.
const counts = (state) => !/failed|gone/.test(state);

function put(item, state, trouble) {
  tally[item.state] -= 1;
  tally[state] += 1;
  taken += ((state === 'sending') - (item.state === 'sending')) * (item.size < SMALL ? 0.5 : 1);
  const more = counts(state) - counts(item.state);
  bytes.total += more * item.size;
  bytes.sent += more * item.offset;
  Object.assign(item, { state, trouble });
  // What has begun goes on first.
  if (state === 'waiting') waiting[item.offset ? 'unshift' : 'push'](item);
  if (state === 'failed') say(`${harmless(item.path)}: ${words[trouble]}`);
  remember(item);
  changed(item);
}

function acknowledge(item, offset) {
  bytes.sent += offset - item.offset;
  item.offset = offset;
  changed(item);
}

function pump() {
  while (isRunning && !hold.kind && taken < PLACES && waiting.length) {
    const item = waiting.shift();
    // It may have been paused or removed meanwhile.
    if (item.state === 'waiting') run(item);
  }
  const { sending, waiting: queued, paused, failed } = tally;
  if (isRunning && sending + queued + paused + failed === 0 && missing().length === 0) finish();
  stayAwake();
  drawSoon();
}

async function run(item) {
  const stop = new AbortController();
  const { signal } = stop;
  const sender = at('sender').value.trim();
  Object.assign(item, { stop, sender, delivery: memory.delivery, since: 0 });
  put(item, 'sending');
  try {
    await sendFile(item, signal, (offset) => {
      if (!item.since) Object.assign(item, { since: performance.now(), from: offset });
      acknowledge(item, offset);
      remember(item);
      measure();
      hold.times = hold.full = 0;
      if (/lost|away/.test(hold.kind)) goOn();
    });
    put(item, 'done');
  } catch (cause) {
    // Whoever stopped it has said what becomes of it.
    if (!signal.aborted) await refused(item, cause);
  }
  pump();
}

async function refused(item, { kind, after, status }) {
  if (kind === 'lost') {
    // A file that was changed or removed looks like a lost connection.
    const first = item.file.slice(item.offset, item.offset + 1).arrayBuffer();
    if (
      !(await first.then(
        () => true,
        () => false,
      ))
    )
      return put(item, 'failed', 'unreadable');
    // Others are sent meanwhile.
    if (status >= 500 && !hold.times && (item.refusals += 1) > 4) return put(item, 'failed', 'failed');
  }
  const isFull = /quota|disk_full/.test(kind);
  if (isFull || /too_large|name|failed/.test(kind)) put(item, 'failed', kind);
  else put(item, 'waiting');
  // Where a large file has no room, a smaller one may.
  if (item.state === 'waiting' || (isFull && (hold.full += 1) > 2)) keepFrom(kind, after);
}

// Sends nothing until a while later, or until somebody wants it.
function keepFrom(kind, after) {
  if (hold.kind) return;
  hold.kind = kind;
  hold.isFinal = !/lost|away|too_many/.test(kind);
  const seconds = Math.max(after, Math.min(2 ** hold.times, 60));
  if (!hold.isFinal) hold.timer = setTimeout(goOn, seconds * 1000);
  hold.times += 1;
  drawSoon();
}

function goOn() {
  clearTimeout(hold.timer);
  Object.assign(hold, { kind: '', isFinal: false });
  pump();
}

function hurry() {
  if (hold.kind && !hold.isFinal) goOn();
  stayAwake();
}
window.addEventListener('online', hurry);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) hurry();
});

function measure() {
  const now = performance.now();
  pace = [...pace.filter(([time]) => time > now - WINDOW_MS), [now, bytes.sent]];
}

// In bytes a second; 0 if it is not known yet.
function speed() {
  const [[time, sent] = []] = pace;
  const seconds = (performance.now() - time) / 1000;
  return seconds > 1 ? (bytes.sent - sent) / seconds : 0;
}

// Stops a file that is sent, and puts it elsewhere.
function stop(item, state) {
  const isSent = item.state === 'sending';
  put(item, state);
  if (isSent) item.stop.abort();
}

function pause(items, state) {
  pace = [];
  for (const item of items) stop(item, state);
  pump();
}

function resume(items) {
  for (const item of items) put(item, 'waiting');
  isRunning = true;
  goOn();
}

// Takes files out of the list, and what has arrived of them back.
function cancel(items) {
  for (const item of items) {
    stop(item, 'gone');
    all.delete(item.key);
    if (item.isBegun || item.url) terminate(item).catch(() => {});
  }
  goOn();
}

// Tells the server that this was all, and thanks for it.
async function finish() {
  isRunning = false;
  const items = those('done');
  if (items.length === 0) return;
  try {
    await request('POST', `/?delivered=${memory.delivery}`, {}, null);
  } catch ({ kind, after }) {
    // Thanks would be too early.
    if (kind !== 'unknown') {
      isRunning = true;
      keepFrom(kind, after);
      return;
    }
  }
  const answer = await fetch(`/?delivery=${memory.delivery}`)
    .then((told) => told.json())
    .catch(() => ({}));
  const files = answer.files ?? items.map(({ path, size }) => ({ name: path, size }));
  for (const item of items) {
    put(item, 'gone');
    all.delete(item.key);
  }
  pace = [];
  forget();
  thank(files);
}

// Phones would fall asleep, and the connection with them.
let awake = null;
async function stayAwake() {
  if (!tally.sending) awake?.release?.();
  if (awake || document.hidden || !tally.sending) return;
  awake = {};
  awake = await navigator.wakeLock?.request('screen').catch(() => null);
  awake?.addEventListener('release', () => {
    awake = null;
  });
  // The last file may have ended meanwhile.
  if (!tally.sending) awake?.release();
}

window.addEventListener('beforeunload', (event) => {
  const isWaiting = isRunning && !hold.isFinal && tally.waiting;
  if (tally.sending || tally.paused || isWaiting) event.preventDefault();
});
