// Where the visitor stopped, for longer videos and sounds. Only their browser knows it.

const KEY = 'spot-serve-places';
// How many places are kept, and how long a file is at least, in seconds.
const KEPT = 100;
const LONG = 120;
// So close to the start or the end, it starts anew.
const MARGIN = 10;
const EVERY_MS = 5000;

/** Goes on where the visitor stopped, and remembers where they stop. */
export function resume(entry, media, signal) {
  const name = `${new URL(entry.url, location.href).pathname} ${entry.size}`;
  let saved = 0;
  const save = () => {
    if (!(media.duration >= LONG)) return;
    const { currentTime: now, duration } = media;
    saved = Date.now();
    keep(name, now < MARGIN || now > duration - MARGIN ? null : Math.floor(now));
  };
  media.addEventListener(
    'loadedmetadata',
    () => {
      const place = places().find(([known]) => known === name)?.[1];
      if (place && media.duration >= LONG && place < media.duration - MARGIN) media.currentTime = place;
    },
    { signal, once: true },
  );
  media.addEventListener(
    'timeupdate',
    () => {
      if (Date.now() - saved > EVERY_MS && !media.paused) save();
    },
    { signal },
  );
  for (const type of ['pause', 'ended', 'seeked']) media.addEventListener(type, save, { signal });
  signal.addEventListener('abort', save);
}

/** @returns {[string, number][]} */
function places() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function keep(name, seconds) {
  const others = places().filter(([known]) => known !== name);
  if (seconds !== null) others.push([name, seconds]);
  try {
    localStorage.setItem(KEY, JSON.stringify(others.slice(-KEPT)));
  } catch {
    // It may be full or forbidden.
  }
}
