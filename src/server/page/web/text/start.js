// Texts: fetched, decoded and coloured. A part of the page's script, for those who open one.

import { element } from '../common/dom.js';
import { kinds, viewerWords } from '../list/page.js';
import { coloured } from './colours.js';
import { decode } from './decode.js';
import { isText } from './sniff.js';

const TEXT_BYTES = 1000000;
const TEXT_LINES = 20000;
// Longer source code, in characters, is not highlighted.
const COLOURED = 300000;

/** Shows a text, source code, or Markdown as the server renders it. */
export async function showText(entry, stage, signal) {
  const wait = setTimeout(() => stage.append(element('p', 'wait', viewerWords.loading)), 300);
  try {
    if (entry.kind === kinds.markdown) {
      const response = await fetch(entry.url + '?rendered', { signal });
      if (!response.ok) throw new Error('gone');
      // The server removes the file's own markup, and the page's policy blocks scripts.
      const html = await response.text();
      const parsed = new DOMParser().parseFromString(html, 'text/html');
      const prose = element('article', 'prose');
      prose.append(...parsed.body.childNodes);
      stage.replaceChildren(...cut(html.startsWith('<template>')), prose);
      return;
    }
    if (entry.kind === kinds.file && !(await isText(entry, signal))) throw new Error('binary');
    const headers = entry.size > TEXT_BYTES ? { Range: `bytes=0-${TEXT_BYTES - 1}` } : {};
    const response = await fetch(entry.url, { signal, headers });
    if (!response.ok) throw new Error('gone');
    const type = response.headers.get('content-type') ?? '';
    const charset = /charset=([\w-]+)/.exec(type)?.[1];
    const bytes = await response.arrayBuffer();
    const text = decode(bytes, charset);
    const lines = text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n');
    const isCut = response.status === 206 || lines.length > TEXT_LINES;
    const lined = element('pre', entry.kind === kinds.text ? 'lines plain' : 'lines');
    const rows = entry.kind === kinds.code && text.length <= COLOURED ? coloured(lines, entry.name) : lines;
    for (const parts of rows.slice(0, TEXT_LINES)) {
      const row = element('span');
      row.append(...[parts || '\n'].flat());
      lined.append(row);
    }
    stage.replaceChildren(...cut(isCut), lined);
  } finally {
    clearTimeout(wait);
  }
}

const cut = (isCut) => (isCut ? [element('p', 'cut', viewerWords.cut)] : []);
