// The line to Spot Serve, by which it tells what happens.

import { notify } from './notices.js';
import { eventsOf } from './server_events.js';
import { Refused, openSession, request } from './session.js';
import { parts, take } from './state.js';

// What Spot Serve tells until the line is cut.
async function* told(path, signal) {
  const answer = await request(path, { signal });
  yield* eventsOf(piecesOf(answer.body.pipeThrough(new TextDecoderStream()).getReader()));
}

// Safari can't iterate over a stream.
async function* piecesOf(reader) {
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

// A page that nobody looks at is not kept up to date after this time.
const HIDDEN_MS = 60_000;
const AGAIN_MS = 1500;
const lines = new Set();
let hiding;

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(() => lines.forEach((line) => line.abort()), HIDDEN_MS);
});

// Resolves when the page is looked at.
const looked = () =>
  new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    look();
  });

/**
 * Keeps a line open for as long as the page is looked at, until `stop` is aborted. `take` gets each event,
 * and whether it is the first of a line, which has everything; `closed` is told when nobody answers.
 */
export async function listen(path, { stop = new AbortController().signal, take, closed = () => {} }) {
  for (let failures = 0; ;) {
    await looked();
    if (stop.aborted) return;
    const line = new AbortController();
    const end = () => line.abort();
    stop.addEventListener('abort', end);
    lines.add(line);
    try {
      let isFirst = true;
      for await (const [name, data] of told(path, line.signal)) {
        failures = 0;
        take(name, data, isFirst);
        isFirst = false;
      }
      failures += 1;
    } catch (error) {
      if (error instanceof Refused) throw error;
      failures += 1;
      if (failures > 1 && !document.hidden && !stop.aborted) closed();
    } finally {
      lines.delete(line);
      stop.removeEventListener('abort', end);
    }
    await new Promise((resolve) => setTimeout(resolve, failures > 1 ? AGAIN_MS : 100));
  }
}

/**
 * Follows what happens. `changed` is told of it, `closed` when nobody answers, and `refused` when this
 * browser may not look.
 */
export async function follow(changed, closed, refused) {
  try {
    await openSession();
    await listen('/events', {
      closed,
      take: (name, data, isFirst) => {
        if (name === 'notice') return notify(data.title, data.body, 'en');
        if (isFirst) parts.clear();
        take(data);
        changed();
      },
    });
  } catch (error) {
    if (error instanceof Refused) refused();
    else closed();
  }
}
