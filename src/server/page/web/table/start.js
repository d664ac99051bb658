// Files with separated values as tables. A part of the page's script, for those who open one.

import { counted } from '../common/counts.js';
import { element } from '../common/dom.js';
import { remember } from '../list/address.js';
import { texts, viewerWords } from '../list/page.js';
import { paper, strip, stripButton } from '../strip/strip.js';
import { decode } from '../text/decode.js';
import { loadPart } from '../viewer/parts.js';
import { columnsOf } from './columns.js';
import { separatorOf } from './dialect.js';
import { sortedRows } from './order.js';
import { pause } from './pause.js';
import { Sheet } from './sheet.js';
import { TableView } from './view.js';

const MOST_BYTES = 20000000;
// Shown before the rest is there.
const FIRST_BYTES = 200000;

/** Shows a file as a table; as a text, if it is none. */
export async function showTable(entry, stage, signal) {
  const wait = setTimeout(() => stage.append(element('p', 'wait', viewerWords.loading)), 300);
  try {
    const page = new TablePage(entry, stage, signal);
    for await (const { text, isAll, isCut } of readPieces(entry, signal)) {
      clearTimeout(wait);
      const separator = separatorOf(text, /\.tsv$/i.test(entry.name));
      if (signal.aborted) return;
      if (!separator) return await page.showAsText([]);
      await page.take(new Sheet(text, separator), isAll, isCut);
    }
  } finally {
    clearTimeout(wait);
  }
}

// The start of a file as text, and then all of it.
async function* readPieces(entry, signal) {
  const headers = entry.size > MOST_BYTES ? { Range: `bytes=0-${MOST_BYTES - 1}` } : {};
  const response = await fetch(entry.url, { signal, headers });
  if (!response.ok) throw new Error('gone');
  const charset = /charset=([\w-]+)/.exec(response.headers.get('content-type') ?? '')?.[1];
  const isCut = response.status === 206;
  const reader = response.body.getReader();
  const chunks = [];
  let size = 0;
  let isStarted = entry.size < FIRST_BYTES * 2;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
    if (isStarted || size < FIRST_BYTES) continue;
    isStarted = true;
    yield { text: wholeRows(textOf(chunks, size, charset)), isAll: false, isCut };
  }
  const text = textOf(chunks, size, charset);
  yield { text: isCut ? wholeRows(text) : text, isAll: true, isCut };
}

function textOf(chunks, size, charset) {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return decode(bytes.buffer, charset).replace(/\r\n?/g, '\n');
}

const wholeRows = (text) => text.slice(0, text.lastIndexOf('\n') + 1) || text;

// The table with its strip.
class TablePage {
  constructor(entry, stage, signal) {
    this.entry = entry;
    this.stage = stage;
    this.signal = signal;
    this.view = new TableView(stage, signal, (place) => this.sortBy(place));
    this.bar = strip(
      '',
      stripButton(texts.as_text, () => this.showAsText([this.backButton()])),
    );
    this.note = element('p', 'cut', viewerWords.cut);
    this.sorted = { place: -1, isDown: false };
  }

  async take(sheet, isAll, isCut) {
    for (const _ of sheet.find()) await pause();
    if (this.signal.aborted) return;
    const { columns, first } = columnsOf(sheet);
    const { bar, note, stage, view } = this;
    if (!view.sheet) {
      view.show(sheet, columns, first);
      stage.replaceChildren(paper(stage, this.signal, bar, note, view.whole));
    } else {
      // The visitor has asked for the text meanwhile.
      if (!bar.isConnected) return;
      // The columns stay as they are.
      view.take(sheet);
    }
    view.measure();
    note.hidden = !isAll || (!isCut && view.room === view.count);
    bar.firstChild.textContent = isAll ? counted(texts.count.row, view.count) : viewerWords.loading;
    const { place, isDown } = this.sorted;
    if (isAll && place >= 0) await this.sort(place, isDown);
  }

  // The first click sorts upwards, the second downwards, the third as in the file.
  async sortBy(place) {
    const last = this.sorted;
    if (last.place !== place) await this.sort(place, false);
    else if (!last.isDown) await this.sort(place, true);
    else await this.sort(-1, false);
  }

  async sort(place, isDown) {
    const { view } = this;
    const { columns, first, sheet } = view;
    const sorted = { place, isDown };
    this.sorted = sorted;
    const order = place < 0 ? null : await sortedRows(sheet, first, columns[place], place, isDown);
    // Something else may have been wanted meanwhile.
    if (this.sorted === sorted && view.sheet === sheet) view.sort(order, place, isDown);
  }

  async showAsText(others) {
    const { showText } = await loadPart('text');
    await showText(this.entry, this.stage, this.signal, others);
    this.stage.focus({ preventScroll: true });
  }

  backButton() {
    return stripButton(texts.as_table, async () => {
      remember(this.entry.code);
      this.stage.scrollTo(0, 0);
      await showTable(this.entry, this.stage, this.signal);
      this.stage.focus({ preventScroll: true });
    });
  }
}
