// The keys of keyboards, headphones and lock screens that play and skip.

/**
 * Tells the system what plays, and listens to its keys.
 * @param {{ title: string, artist?: string, album?: string, cover?: string }} facts
 * @param {Record<string, (() => void) | undefined>} keys
 */
export function listenToMediaKeys(audio, { title, artist = '', album = '', cover }, keys, signal) {
  const { mediaSession: session } = navigator;
  if (!session || !globalThis.MediaMetadata) return;
  const artwork = cover ? [{ src: new URL(cover, location.href).href }] : [];
  session.metadata = new MediaMetadata({ title, artist, album, artwork });
  const set = (name, act) => {
    try {
      session.setActionHandler(name, act ?? null);
    } catch {
      // This browser knows no such key.
    }
  };
  for (const [name, act] of Object.entries(keys)) set(name, act);
  signal.addEventListener('abort', () => {
    session.metadata = null;
    for (const name of Object.keys(keys)) set(name, null);
  });
}
