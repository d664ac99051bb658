// The files of this visit, and what has become of each.

import { display } from './display.js';
import { AGAIN, memory, remember } from './memory.js';
import { harmless, keyOf } from './names.js';
import { page, say, words } from './texts.js';

/**
 * A file. Its `offset` is what the server has acknowledged.
 * @typedef {{ key: string, file: File, path: string, size: number, offset: number, url?: string,
 *   isBegun: boolean, state: string, trouble?: string, refusals: number, stop?: AbortController,
 *   since?: number, from?: number, row?: HTMLElement, sender?: string, delivery?: string }} Item
 */

// What is small takes half a place: there it is not the bytes that take time, but the way to the
// server and back.
const SMALL = 262144;

/**
 * By their keys.
 * @type {Map<string, Item>}
 */
export const all = new Map();
/** @type {Item[]} */
export const waiting = [];
/** How many files are in which state. */
export const tally = { ready: 0, waiting: 0, sending: 0, paused: 0, failed: 0, done: 0, gone: 0 };
export const bytes = { total: 0, sent: 0 };
/** Whether files are sent, and how many places those take that are. */
export const run = { isOn: false, taken: 0 };

/** @returns {Item[]} */
export const those = (states) => [...all.values()].filter(({ state }) => states.includes(state));
/** The paths of remembered files that have not been chosen again. */
export const missing = () =>
  Array.from(memory.missing).flatMap(([key, path]) => (all.has(key) ? [] : [path]));
/** Those that failed, and may be taken later. */
export const tryable = () => those('failed').filter(({ trouble }) => trouble in AGAIN);

/** Adds a file to the list, unless it is there. */
export function add(file, path) {
  const key = keyOf(path, file);
  if (all.has(key)) return false;
  const { size } = file;
  const { open, missing: begun, done } = memory;
  const isBegun = begun.has(key);
  /** @type {Item} */
  const item = { key, file, path, size, offset: 0, url: open.get(key), isBegun, state: 'ready', refusals: 0 };
  all.set(key, item);
  tally.ready += 1;
  bytes.total += size;
  display.changed(item);
  if (done.has(key)) {
    acknowledge(item, size);
    put(item, 'done');
  } else if (page.maxBytes && size > page.maxBytes) {
    put(item, 'failed', 'too_large');
  } else if (run.isOn || isBegun) {
    put(item, 'waiting');
    run.isOn = true;
  }
  return true;
}

// What is not sent doesn't count.
const counts = (state) => !/failed|gone/.test(state);

/** Puts a file into another state. */
export function put(item, state, trouble) {
  tally[item.state] -= 1;
  tally[state] += 1;
  run.taken += ((state === 'sending') - (item.state === 'sending')) * (item.size < SMALL ? 0.5 : 1);
  const more = counts(state) - counts(item.state);
  bytes.total += more * item.size;
  bytes.sent += more * item.offset;
  Object.assign(item, { state, trouble });
  // What has begun goes on first.
  if (state === 'waiting') waiting[item.offset ? 'unshift' : 'push'](item);
  if (state === 'failed') say(`${harmless(item.path)}: ${words[trouble]}`);
  remember(item);
  display.changed(item);
}

/** The server has this much of it. */
export function acknowledge(item, offset) {
  bytes.sent += offset - item.offset;
  item.offset = offset;
  display.changed(item);
}
