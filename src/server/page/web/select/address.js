// Links for others to what is selected.

import { isEverything } from './selection.js';

// Servers and messengers cut longer links.
const LONGEST = 1800;

/** A link to a file in its folder, or to a folder. */
export function linkToOne(entry) {
  if (entry.isFolder) return new URL(entry.url, location.href).href;
  const [above, name] = split(entry.path);
  return new URL(`./${above}?open=${name}`, location.href).href;
}

/**
 * A link to the folder with these in it, and nothing else; to a zip if they are in several folders, or
 * if there are too many for a link.
 * @returns {Promise<{ url: string, isZip?: boolean }>}
 */
export async function linkTo(entries, choice) {
  if (entries.length === 1) return { url: linkToOne(entries[0]) };
  const folder = new URL('./', location.href);
  if (isEverything(entries)) return { url: folder.href };
  const places = new Set(entries.map(({ path }) => split(path)[0]));
  const [place] = places;
  if (places.size === 1) {
    const only = entries.map(({ path }) => 'only=' + path.slice(place.length));
    const { href: url } = new URL(`./${place}?${only.join('&')}`, folder);
    if (url.length <= LONGEST) return { url };
  }
  const only = entries.map(({ path }) => 'only=' + path);
  const { href } = new URL(`./?archive=zip&${only.join('&')}`, folder);
  return { url: href.length <= LONGEST ? href : new URL(await choice.url(), folder).href, isZip: true };
}

// The folder, and the name in it.
function split(path) {
  const start = path.lastIndexOf('/', path.length - 2) + 1;
  return [path.slice(0, start), path.slice(start)];
}
