// A folder of music is an album: its cover, its tracks one after the other, and media keys.

import { element, icon } from '../common/dom.js';
import { kinds, texts } from '../list/page.js';
import { list } from '../list/state.js';
import { about } from '../viewer/about.js';
import { go } from '../viewer/viewer.js';
import { listenToMediaKeys } from './session.js';

// Whether the visitor hears one track after the other.
let isPlaying = false;
// The list of more tracks than this is left out.
const MOST = 500;

// The same function for every track, so that the viewer has it once.
const silence = () => {
  isPlaying = false;
};

/** Shows a sound and the others of its folder, and plays one after the other. */
export function showAlbum(entry, audio, stage, signal) {
  const tracks = list.shown.filter((each) => each.kind === kinds.audio);
  const place = tracks.indexOf(entry);
  const to = (track) => {
    isPlaying = true;
    go(track);
  };
  const sound = element('div', 'sound');
  const cover = element('div', 'cover');
  cover.append(icon('audio'));
  const title = element('div', 'title');
  title.append(element('bdi', '', entry.name.replace(/\.[^.]*$/, '')));
  sound.append(cover, title, audio);
  stage.classList.add('sounds');
  if (tracks.length > 1 && tracks.length <= MOST) sound.append(listOf(tracks, entry, to));
  stage.append(sound);
  sound.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  // Who comes back to the list wants silence.
  stage.closest('dialog').addEventListener('close', silence);
  if (place < 0) return;
  const [before, after] = [tracks[place - 1], tracks[place + 1]];
  const options = { signal };
  audio.addEventListener(
    'ended',
    () => {
      if (after) to(after);
    },
    options,
  );
  audio.addEventListener(
    'play',
    () => {
      isPlaying = true;
    },
    options,
  );
  // A pause at the end is not the visitor's.
  audio.addEventListener(
    'pause',
    () => {
      if (!signal.aborted && !audio.ended) isPlaying = false;
    },
    options,
  );
  if (isPlaying) audio.play().catch(() => {});
  const keys = { previoustrack: before && (() => to(before)), nexttrack: after && (() => to(after)) };
  listenToMediaKeys(audio, { title: title.textContent }, keys, signal);
  about(entry, signal).then((facts) => {
    if (signal.aborted) return;
    showFacts(facts, entry, cover, title);
    const known = {
      title: title.firstChild.textContent,
      artist: facts.artist,
      album: facts.album,
      cover: facts.cover && coverOf(entry),
    };
    listenToMediaKeys(audio, known, keys, signal);
  });
}

const coverOf = (entry) => `${entry.url}?cover${entry.version}`;

function showFacts(facts, entry, cover, title) {
  if (facts.title) title.firstChild.textContent = facts.title;
  const more = [facts.artist, facts.album, facts.year].filter(Boolean).join(' · ');
  if (more) title.append(element('p', '', more));
  if (!facts.cover) return;
  const image = new Image();
  image.alt = '';
  image.onload = () => cover.replaceChildren(image);
  image.src = coverOf(entry);
}

function listOf(tracks, current, to) {
  const nav = element('nav', 'tracks');
  nav.setAttribute('aria-label', texts.tracks);
  const all = element('ol');
  for (const track of tracks) {
    const row = element('li');
    const button = element('button');
    button.type = 'button';
    button.append(element('bdi', '', track.name.replace(/\.[^.]*$/, '')));
    if (track === current) button.setAttribute('aria-current', 'true');
    button.addEventListener('click', () => to(track));
    row.append(button);
    all.append(row);
  }
  nav.append(all);
  return nav;
}
