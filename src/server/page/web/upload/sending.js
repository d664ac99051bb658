// Sends the files: a few at a time, and again when that fails.

import { at } from '../common/dom.js';
import { stayAwake } from './awake.js';
import { display } from './display.js';
import { forget, memory, remember } from './memory.js';
import { forgetPace, measure } from './pace.js';
import { acknowledge, all, missing, put, run, tally, those, waiting } from './queue.js';
import { request } from './request.js';
import { sendFile, terminate } from './tus.js';

// So many are sent at a time.
const PLACES = 3;

/** Why nothing is sent at the moment, and how often that was so without a success in between. */
export const hold = { kind: '', isFinal: false, times: 0, full: 0, timer: 0 };

/** Sends what there are places for. */
export function pump() {
  while (run.isOn && !hold.kind && run.taken < PLACES && waiting.length) {
    const item = waiting.shift();
    // It may have been paused or removed meanwhile.
    if (item.state === 'waiting') start(item);
  }
  const { sending, waiting: queued, paused, failed } = tally;
  if (run.isOn && sending + queued + paused + failed === 0 && missing().length === 0) finish();
  stayAwake();
  display.drawSoon();
}

async function start(item) {
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

/** Sends nothing until a while later, or until somebody wants it. */
export function keepFrom(kind, after) {
  if (hold.kind) return;
  hold.kind = kind;
  hold.isFinal = !/lost|away|too_many/.test(kind);
  const seconds = Math.max(after, Math.min(2 ** hold.times, 60));
  if (!hold.isFinal) hold.timer = setTimeout(goOn, seconds * 1000);
  hold.times += 1;
  display.drawSoon();
}

/** Goes on at once. */
export function goOn() {
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

// Stops a file that is sent, and puts it elsewhere.
function stop(item, state) {
  const isSent = item.state === 'sending';
  put(item, state);
  if (isSent) item.stop.abort();
}

/** Stops files, and puts them elsewhere. */
export function pause(items, state) {
  forgetPace();
  for (const item of items) stop(item, state);
  pump();
}

/** Sends files, again or for the first time. */
export function resume(items) {
  for (const item of items) put(item, 'waiting');
  run.isOn = true;
  goOn();
}

/** Takes files out of the list, and what has arrived of them back. */
export function cancel(items) {
  for (const item of items) {
    stop(item, 'gone');
    all.delete(item.key);
    if (item.isBegun || item.url) terminate(item).catch(() => {});
  }
  goOn();
}

// Tells the server that this was all, and thanks for it.
async function finish() {
  run.isOn = false;
  const items = those('done');
  if (items.length === 0) return;
  try {
    await request('POST', `/?delivered=${memory.delivery}`, {}, null);
  } catch ({ kind, after }) {
    // Thanks would be too early.
    if (kind !== 'unknown') {
      run.isOn = true;
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
  forgetPace();
  forget();
  display.thank(files);
}

window.addEventListener('beforeunload', (event) => {
  const isWaiting = run.isOn && !hold.isFinal && tally.waiting;
  if (tally.sending || tally.paused || isWaiting) event.preventDefault();
});
