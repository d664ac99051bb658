// How fast files are sent.

import { bytes } from './queue.js';

// The speed is that of the last seconds.
const WINDOW_MS = 20000;
// How much had been sent at what time.
let pace = [];

export function measure() {
  const now = performance.now();
  pace = [...pace.filter(([time]) => time > now - WINDOW_MS), [now, bytes.sent]];
}

/** In bytes a second; 0 if it is not known yet. */
export function speed() {
  const [[time, sent] = []] = pace;
  const seconds = (performance.now() - time) / 1000;
  return seconds > 1 ? (bytes.sent - sent) / seconds : 0;
}

/** Begins anew, because sending stops. */
export function forgetPace() {
  pace = [];
}
