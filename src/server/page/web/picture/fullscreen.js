// Pictures on the whole screen.

// How long the bars stay there, in milliseconds.
const QUIET_MS = 2500;

/** Whether the browser can. Phones often can't. */
export const mayBeFull = () => document.fullscreenEnabled === true;
export const isFullscreen = () => document.fullscreenElement !== null;

/** Shows the viewer on the whole screen, or no longer. */
export async function toggleFullscreen({ frame }) {
  if (!mayBeFull()) return;
  try {
    if (isFullscreen()) await document.exitFullscreen();
    else await frame.requestFullscreen();
  } catch {
    return;
  }
  hideBars(frame);
}

// They are back as soon as the pointer moves or a key is pressed.
function hideBars(frame) {
  if (!isFullscreen()) return;
  let timer = 0;
  const own = new AbortController();
  const show = () => {
    clearTimeout(timer);
    frame.classList.remove('quiet');
    timer = setTimeout(() => frame.classList.add('quiet'), QUIET_MS);
  };
  for (const type of ['pointermove', 'pointerdown', 'keydown'])
    frame.addEventListener(type, show, { signal: own.signal });
  document.addEventListener(
    'fullscreenchange',
    () => {
      if (isFullscreen()) return;
      own.abort();
      clearTimeout(timer);
      frame.classList.remove('quiet');
    },
    { signal: own.signal },
  );
  show();
}
