// Keeps the device awake while files are sent, and the page open.

import { tally } from './queue.js';

// Phones would fall asleep, and the connection with them.
let awake = null;
/** Lets it sleep again when nothing is sent. */
export async function stayAwake() {
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
