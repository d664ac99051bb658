// Videos and sounds.

import { element, icon } from '../common/dom.js';

/** Plays a video or a sound. */
export function showMedia(entry, stage, signal, tag, failed) {
  const media = element(tag);
  media.controls = true;
  media.preload = 'metadata';
  media.playsInline = true;
  media.setAttribute('aria-label', entry.name);
  media.onerror = () => {
    if (!signal.aborted) failed();
  };
  media.src = entry.url;
  if (tag === 'audio') {
    const sound = element('div', 'sound');
    sound.append(icon('audio'), media);
    stage.append(sound);
  } else {
    stage.append(media);
  }
  signal.addEventListener('abort', () => {
    media.onerror = null;
    media.removeAttribute('src');
    media.load();
  });
}
