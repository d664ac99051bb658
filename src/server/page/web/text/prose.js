// Markdown and notebooks, as the server renders them.

import { element } from '../common/dom.js';
import { kinds, viewerWords } from '../list/page.js';
import { headingAt } from '../prose/links.js';
import { colourCode } from './code.js';

/** Whether the server renders it. */
export const isProse = ({ kind, name }) => kind === kinds.markdown || /\.ipynb$/i.test(name);

/** Shows a rendered text. Returns whether the server rendered it: not all notebooks are valid. */
export async function showProse(entry, stage, signal) {
  const response = await fetch(entry.url + '?rendered', { signal });
  const isRendered = response.ok && response.headers.get('content-type')?.startsWith('text/html');
  if (!isRendered && entry.kind !== kinds.markdown) return false;
  if (!response.ok) throw new Error('gone');
  // The server removes the file's own markup, and the page's policy blocks scripts.
  const html = await response.text();
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const prose = element('article', 'prose');
  prose.append(...parsed.body.childNodes);
  colourCode(prose);
  const notes = html.startsWith('<template>') ? [element('p', 'cut', viewerWords.cut)] : [];
  stage.replaceChildren(...notes, prose);
  headingAt(prose, location.hash)?.scrollIntoView();
  return true;
}
