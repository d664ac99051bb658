// Why a file can't be shown: the connection, the file, or the browser. The server knows.

import { element, fill } from '../common/dom.js';
import { texts, viewerWords, words } from '../list/page.js';
import { card } from './card.js';

// What the server means by a status, unless it can't answer or the file is gone.
const STATES = { 401: 'locked', 403: 'forbidden', 410: 'ended', 429: 'lost' };
// How long to wait before each attempt, in milliseconds; the last one is repeated.
const WAITS = [2000, 3000, 5000, 8000];

/**
 * What the server says about a file: `there`, `gone`, `ended`, `locked` if the password is needed
 * again, `forbidden`, or `lost` if it doesn't answer.
 * @param {string} url
 * @param {AbortSignal} [signal]
 */
export async function askAbout(url, signal) {
  try {
    const { ok, status } = await fetch(url, { method: 'HEAD', cache: 'no-store', signal });
    if (ok) return 'there';
    return STATES[status] ?? (status >= 500 ? 'lost' : 'gone');
  } catch {
    return 'lost';
  }
}

// The file that was loaded again because its bytes may have been lost.
let loadedAgain = null;

/**
 * Says why a file can't be shown. If the connection is to blame, tries again as soon as it is back.
 * @param {() => void} again  shows the file anew
 * @param {boolean} mayBeLost  whether some of its bytes may have been lost
 * @param {string} [otherwise]  what to say if the file is there
 */
export async function showFailure(
  entry,
  stage,
  signal,
  again,
  mayBeLost,
  otherwise = viewerWords.cannot_show,
) {
  const state = await askAbout(entry.url, signal);
  if (signal.aborted) return;
  if (state === 'locked') {
    // The page asks for the password, and then opens the file.
    location.reload();
    return;
  }
  if (state === 'lost') {
    stage.replaceChildren(card(entry, texts.lost, { again }));
    waitForConnection(entry.url, signal, again);
    return;
  }
  if (state === 'there' && mayBeLost && loadedAgain !== entry) {
    loadedAgain = entry;
    again();
    return;
  }
  const why =
    { there: otherwise, ended: texts.ended, forbidden: texts.forbidden }[state] ??
    fill(words.gone, { name: entry.name });
  if (state === 'there') stage.replaceChildren(card(entry, why));
  else stage.replaceChildren(element('div', 'card', why));
  stage.firstElementChild.setAttribute('role', 'alert');
}

/** Calls `back` once the server answers. It is asked only while somebody looks at the page. */
export function waitForConnection(url, signal, back) {
  let attempt = 0;
  let timer = 0;
  const own = new AbortController();
  const stop = () => {
    own.abort();
    clearTimeout(timer);
  };
  const ask = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    const state = await askAbout(url, own.signal);
    if (own.signal.aborted) return;
    clearTimeout(timer);
    if (state === 'lost') {
      timer = setTimeout(ask, WAITS[Math.min(attempt++, WAITS.length - 1)]);
    } else {
      stop();
      back();
    }
  };
  signal?.addEventListener('abort', stop);
  window.addEventListener('online', ask, { signal: own.signal });
  document.addEventListener('visibilitychange', ask, { signal: own.signal });
  timer = setTimeout(ask, WAITS[attempt++]);
}
