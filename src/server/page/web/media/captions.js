// Captions: files beside a video, such as film.de.srt beside film.mp4.

import { locales } from '../common/locale.js';
import { list } from '../list/state.js';
import { decode } from '../text/decode.js';
import { cues } from './cues.js';

// Longer files are no captions, in bytes.
const LONGEST = 2000000;

/** Lets the visitor choose captions. They are loaded when they are first shown. */
export function offerCaptions(entry, media) {
  const found = list.all.filter((each) => each.size <= LONGEST && languageOf(entry.name, each.name) !== null);
  if (found.length === 0) return;
  const files = new Map();
  for (const file of found) {
    const language = languageOf(entry.name, file.name);
    files.set(media.addTextTrack('subtitles', nameOf(language) || file.name, language), file);
  }
  const load = () =>
    files.forEach(async (file, track) => {
      if (track.mode !== 'showing') return;
      files.delete(track);
      try {
        const response = await fetch(file.url);
        if (!response.ok) throw new Error(response.statusText);
        for (const { start, end, text } of cues(decode(await response.arrayBuffer())))
          track.addCue(new VTTCue(start, end, text));
      } catch {
        // The next choice tries again.
        files.set(track, file);
      }
    });
  for (const track of files.keys()) track.mode = 'disabled';
  media.textTracks.addEventListener('change', load);
}

/**
 * The language that the name of captions tells, possibly none; `null` if they belong to another file.
 * @param {string} film
 * @param {string} name
 */
export function languageOf(film, name) {
  const stem = film.replace(/\.[^.]*$/, '').toLowerCase();
  const lower = name.toLowerCase();
  if (!lower.startsWith(stem)) return null;
  const rest = /^(?:[._-]([a-z]{2,3}(?:-[a-z0-9]+)?))?(?:\.(?:forced|sdh|cc))?\.(?:vtt|srt)$/.exec(
    lower.slice(stem.length),
  );
  return rest ? (rest[1] ?? '') : null;
}

function nameOf(language) {
  try {
    return language && new Intl.DisplayNames(locales, { type: 'language' }).of(language);
  } catch {
    return language;
  }
}
