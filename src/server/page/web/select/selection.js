// Several files and folders as one zip.

import { list } from '../list/state.js';

// How long the visitor may go on before the server is asked, in milliseconds.
const PAUSE = 300;
/** So many files and folders can be chosen. */
export const MOST = 20000;

/**
 * How these entries are downloaded. With `isAsked`, `told` will be how many files there are, and
 * their size.
 */
export function choose(entries, isAsked) {
  const cancel = new AbortController();
  let asked = null;
  const ask = () => {
    asked ??= hand(entries, cancel.signal);
    // It may be asked again.
    asked.catch(() => {
      asked = null;
    });
    return asked;
  };
  return {
    abort: () => cancel.abort(),
    async url() {
      if (entries.length === 1) {
        const [entry] = entries;
        return entry.isFolder ? `${entry.url}?archive=zip` : `${entry.url}?download`;
      }
      return isEverything(entries) ? './?archive=zip' : (await ask()).url;
    },
    told: isAsked && entries.length <= MOST ? after(PAUSE, cancel.signal).then(ask) : null,
  };
}

/** Whether that is all of the folder. */
export const isEverything = (entries) =>
  !list.found && entries.length === list.all.length && entries.every((entry) => !entry.folder);

async function hand(entries, signal) {
  // The server would say so.
  if (entries.length > MOST) throw new Error('413');
  const body = entries.map(({ path }) => path).join('\n');
  const headers = { 'Content-Type': 'text/plain' };
  const response = await fetch('./?selection', { method: 'POST', headers, body, signal });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

function after(time, signal) {
  return new Promise((resolve, reject) => {
    const wait = setTimeout(resolve, time);
    signal.addEventListener('abort', () => {
      clearTimeout(wait);
      reject(new Error('aborted'));
    });
  });
}
