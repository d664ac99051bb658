// Keys for videos and sounds.

// How far the arrow keys go, in seconds, and how much louder they make it.
const SKIP = 5;
const LOUDER = 0.1;

/** Listens to keys before the viewer does, which takes arrow keys for the next file. */
export function listenToKeys(media, dialog, signal) {
  dialog.addEventListener(
    'keydown',
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const { target, key } = event;
      if (target.closest('select, input, summary')) return;
      // A button with the focus is pressed with the space bar, and so is the browser's own control.
      const isFree = target !== media && !target.closest('button, a');
      // Before it plays, these lead to the next file.
      const hasBegun = media.currentTime > 0 && target !== media;
      const act = {
        ' ': isFree && (() => (media.paused ? media.play().catch(() => {}) : media.pause())),
        m: () => {
          media.muted = !media.muted;
        },
        f: media.videoWidth > 0 && (() => toggleFullscreen(media)),
        ArrowLeft:
          hasBegun &&
          (() => {
            media.currentTime = Math.max(media.currentTime - SKIP, 0);
          }),
        ArrowRight:
          hasBegun &&
          (() => {
            media.currentTime = Math.min(media.currentTime + SKIP, media.duration);
          }),
        ArrowUp:
          hasBegun &&
          (() => {
            media.volume = Math.min(media.volume + LOUDER, 1);
          }),
        ArrowDown:
          hasBegun &&
          (() => {
            media.volume = Math.max(media.volume - LOUDER, 0);
          }),
      }[key.length === 1 ? key.toLowerCase() : key];
      if (!act) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      act();
    },
    { signal, capture: true },
  );
}

function toggleFullscreen(media) {
  const done = document.fullscreenElement ? document.exitFullscreen() : media.requestFullscreen?.();
  done?.catch(() => {});
}
