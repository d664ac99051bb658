// Videos and sounds.

/** Plays a video or a sound. */
export function showMedia() {}
