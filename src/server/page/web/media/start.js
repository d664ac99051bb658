// Videos and sounds. A part of the page's script, for those who play one.

import { element } from '../common/dom.js';
import { kinds, texts } from '../list/page.js';
import { card } from '../viewer/card.js';
import { showAlbum } from './album.js';
import { offerCaptions } from './captions.js';
import { listenToKeys } from './keys.js';
import { resume } from './resume.js';
import { offerSpeeds } from './speed.js';

// One element plays all sounds: phones let it go on from track to track while they are locked.
const sounds = element('audio');

/**
 * Plays a video or a sound.
 * @param {{ stage: HTMLElement, tools: HTMLElement, dialog: HTMLElement }} viewer
 * @param {(mayBeLost: boolean) => void} failed
 */
export function showMedia(entry, { stage, tools, dialog }, signal, failed) {
  const isVideo = entry.kind === kinds.video;
  const media = isVideo ? element('video') : sounds;
  media.controls = true;
  media.preload = 'metadata';
  media.playsInline = true;
  media.setAttribute('aria-label', entry.name);
  media.addEventListener('error', () => failed(media.error?.code === MediaError.MEDIA_ERR_NETWORK), {
    signal,
  });
  media.src = entry.url;
  resume(entry, media, signal);
  if (isVideo) {
    stage.append(media);
    offerCaptions(entry, media);
    lookForPicture(entry, media, stage, signal);
  } else {
    showAlbum(entry, media, stage, signal);
  }
  offerSpeeds(media, tools);
  listenToKeys(media, dialog, signal);
  signal.addEventListener('abort', () => {
    media.pause();
    media.removeAttribute('src');
    media.load();
  });
}

// A browser that can't decode the picture of a video plays its sound, and shows nothing.
function lookForPicture(entry, media, stage, signal) {
  const look = () => {
    if (media.videoWidth > 0 || media.readyState < HTMLMediaElement.HAVE_METADATA) return;
    const note = card(entry, texts.no_picture);
    note.classList.add('soundless');
    media.classList.add('pictureless');
    if (!stage.querySelector('.card')) stage.prepend(note);
  };
  for (const name of ['loadedmetadata', 'playing']) media.addEventListener(name, look, { signal });
  media.addEventListener(
    'resize',
    () => {
      stage.querySelector('.card')?.remove();
      media.classList.remove('pictureless');
    },
    { signal },
  );
}
