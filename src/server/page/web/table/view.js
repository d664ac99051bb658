// Shows a table. Only the rows near those in view are in the document.

import { element, icon } from '../common/dom.js';
import { number } from '../common/locale.js';

const BLOCK = 20;
// Firefox draws nothing beyond 17.8 million pixels.
const MOST_PIXELS = 17000000;
const PRINTED = 2000;

/** A table in the stage. */
export class TableView {
  /**
   * @param {HTMLElement} stage
   * @param {AbortSignal} signal
   * @param {(place: number) => void} onSort
   */
  constructor(stage, signal, onSort) {
    this.stage = stage;
    this.onSort = onSort;
    /** @type {import('./sheet.js').Sheet | null} */
    this.sheet = null;
    /** @type {import('./columns.js').Column[]} */
    this.columns = [];
    // The first row that is not the heading.
    this.first = 0;
    /** @type {number[] | null} */
    this.order = null;
    this.headings = element('tr');
    /** @type {HTMLElement[]} */
    this.widths = [];
    this.table = element('table', 'sheet');
    // As high as all rows; the table moves in it.
    this.whole = element('div', 'whole');
    this.whole.append(this.table);
    this.body = element('tbody');
    this.shown = [-1, -1];
    this.height = 0;
    const draw = () => this.draw();
    stage.addEventListener('scroll', draw, { passive: true, signal });
    addEventListener('resize', () => this.measure(), { signal });
    addEventListener('beforeprint', () => this.draw(PRINTED), { signal });
    addEventListener('afterprint', draw, { signal });
  }

  /** Shows a sheet. */
  show(sheet, columns, first) {
    this.columns = columns;
    this.first = first;
    this.order = null;
    const head = element('thead');
    const names = element('tr');
    names.append(element('td', 'n'), ...columns.map((column, place) => this.heading(column, place)));
    head.append(names);
    const widths = element('colgroup');
    this.widths = [element('col'), ...columns.map(() => element('col'))];
    widths.append(...this.widths);
    this.table.replaceChildren(widths, head, this.body);
    this.headings = names;
    this.take(sheet);
  }

  /** Takes a longer sheet, with the same columns. */
  take(sheet) {
    this.sheet = sheet;
    const digits = number.format(sheet.rows).length + 4;
    const all = [digits, ...this.columns.map((column) => column.width + 3)];
    for (const [place, width] of all.entries()) this.widths[place].style.width = `${width}ch`;
    this.table.style.width = `${all.reduce((sum, width) => sum + width)}ch`;
  }

  /** Shows the rows in an order; `null` is that of the file. */
  sort(order, place, isDown) {
    this.order = order;
    for (const [index, cell] of [...this.headings.children].entries()) {
      const isSorted = order && index === place + 1;
      if (isSorted) cell.setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
      else cell.removeAttribute('aria-sort');
      cell.querySelector('svg')?.replaceWith(icon(isSorted && !isDown ? 'up' : 'down'));
    }
    this.shown = [-1, -1];
    this.draw();
  }

  get count() {
    return this.sheet.rows - this.first;
  }

  /** How many rows there is room for. */
  get room() {
    return Math.min(this.count, Math.floor(MOST_PIXELS / (this.height || 32)));
  }

  /** Measures the height that all rows have. */
  measure() {
    if (!this.sheet || !this.table.isConnected) return;
    if (!this.body.firstElementChild) this.body.append(this.row(0));
    this.height = this.body.firstElementChild.getBoundingClientRect().height;
    // With large text, the strip takes more than one line.
    const strip = /** @type {HTMLElement} */ (this.stage.querySelector('.strip'));
    this.table.style.setProperty('--strip', `${strip.offsetHeight}px`);
    this.shown = [-1, -1];
    this.draw();
  }

  /** Draws the rows near those in view, or the first `most`. */
  draw(most = 0) {
    if (!this.table.isConnected || !this.sheet) return;
    const { height, room, stage, table, whole } = this;
    const top = stage.getBoundingClientRect().top - whole.getBoundingClientRect().top;
    const at = Math.floor(top / height / BLOCK) * BLOCK;
    const start = most ? 0 : Math.max(0, Math.min(at - BLOCK, room - 1));
    const end = Math.min(room, most || at + Math.ceil(stage.clientHeight / height / BLOCK + 2) * BLOCK);
    whole.style.height = most ? '' : `${room * height + this.headings.offsetHeight}px`;
    if (start === this.shown[0] && end === this.shown[1]) return;
    this.shown = [start, end];
    const rows = [];
    for (let index = start; index < end; index++) rows.push(this.row(index));
    table.setAttribute('aria-rowcount', String(room + 1));
    table.style.top = `${start * height}px`;
    this.body.replaceChildren(...rows);
  }

  row(index) {
    const { columns, first, order, sheet } = this;
    const place = order ? order[index] : index + first;
    const cells = place < sheet.rows ? sheet.row(place) : [];
    // What is beyond the last column is shown in it.
    if (cells.length > columns.length) {
      cells.push(cells.splice(columns.length - 1).join(sheet.separator));
    }
    const row = element('tr');
    row.setAttribute('aria-rowindex', String(index + 2));
    row.append(element('td', 'n', number.format(place - first + 1)));
    for (const [at, column] of columns.entries()) {
      const text = cells[at] ?? '';
      const cell = element('td', column.isNumeric ? 'number' : '', text);
      if (text.length > column.width) cell.title = text;
      row.append(cell);
    }
    return row;
  }

  heading(column, place) {
    const cell = element('th', column.isNumeric ? 'number' : '');
    cell.scope = 'col';
    const button = element('button');
    button.type = 'button';
    button.title = column.name;
    button.append(element('bdi', '', column.name), icon('down'));
    button.addEventListener('click', () => this.onSort(place));
    cell.append(button);
    return cell;
  }
}
