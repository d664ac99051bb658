// Texts: fetched, decoded and coloured. A part of the page's script, for those who open one.

import { counted } from '../common/counts.js';
import { element } from '../common/dom.js';
import { asked } from '../list/address.js';
import { kinds, texts, viewerWords } from '../list/page.js';

import { paper, strip, stripButton } from '../strip/strip.js';
import { colourCode } from './code.js';
import { coloured } from './colours.js';
import { copyText } from './copy.js';
import { numbered, widest } from './lines.js';
import { linkLines } from './link.js';
import { isProse, showProse } from './prose.js';
import { readText } from './read.js';
import { isText } from './sniff.js';
import { rememberWrap, wraps } from './wrap.js';

const TEXT_BYTES = 1000000;
const TEXT_LINES = 20000;
// Longer source code, in characters, is not highlighted.
const COLOURED = 300000;

/** Colours the code in a README. */
export const colourReadme = (readme) => colourCode(readme);

/**
 * Shows a text, source code, or Markdown as the server renders it.
 * @param {HTMLElement[]} others buttons for other ways to show it
 */
export async function showText(entry, stage, signal, others = []) {
  const wait = setTimeout(() => stage.append(element('p', 'wait', viewerWords.loading)), 300);
  try {
    // A line is one of the source.
    if (isProse(entry) && !asked('line') && (await showProse(entry, stage, signal))) return;
    await showLines(entry, stage, signal, others);
  } finally {
    clearTimeout(wait);
  }
}

async function showLines(entry, stage, signal, others) {
  if (entry.kind === kinds.file && !(await isText(entry, signal))) throw new Error('binary');
  const { text, isCut } = await readText(entry, TEXT_BYTES, signal);
  const lines = text.replace(/\n$/, '').split('\n');
  const isCode = entry.kind === kinds.code || /\.(diff|patch)$/i.test(entry.name);
  const rows = isCode && text.length <= COLOURED ? coloured(lines, entry.name) : lines;
  const all = numbered(rows.slice(0, TEXT_LINES), isCode ? 'lines' : 'lines plain');
  const notes = isCut || lines.length > TEXT_LINES ? [element('p', 'cut', viewerWords.cut)] : [];
  const copy = stripButton(texts.copy, async () => {
    bar.firstChild.textContent = (await copyText(text)) ? texts.copied : texts.not_copied;
  });
  const bar = strip(counted(texts.count.line, lines.length), ...others, wrapButton(all, lines), copy);
  stage.replaceChildren(paper(stage, signal, bar, ...notes, all));
  linkLines(entry, all);
}

function wrapButton(all, lines) {
  const apply = () => {
    button.setAttribute('aria-pressed', String(wraps()));
    all.classList.toggle('long', !wraps());
    all.style.width = wraps() ? '' : `calc(${widest(lines.slice(0, TEXT_LINES))}ch + 7rem)`;
  };
  const button = stripButton(texts.wrap, () => {
    rememberWrap(!wraps());
    apply();
  });
  apply();
  return button;
}
