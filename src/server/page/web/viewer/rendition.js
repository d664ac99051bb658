// Pictures as large as a screen, which the server makes of larger ones.

import { page } from '../list/page.js';

// Smaller ones are shown as they are, as the server does.
const SHOWN_AS_IT_IS = 300 * 1024;

/** Whether every browser can show the file itself. */
export const isShownByBrowsers = (entry) => page.shown.includes(entry.extension);

/**
 * Where a picture is that fills a screen; that of the file itself if it is small, or of a kind that only
 * the browser can show.
 */
export function rendition(entry) {
  const isKnown = page.thumbnails.includes(entry.extension);
  const isSmall = entry.size <= SHOWN_AS_IT_IS;
  if (isShownByBrowsers(entry) ? isSmall : !isKnown) return entry.url;
  return `${entry.url}?preview${entry.version}`;
}
