// A text with separated values. Its rows are found once; their cells are read when they are needed,
// which takes less memory than the text itself.

/** A table that is still a text. */
export class Sheet {
  /**
   * @param {string} text lines end with `\n`
   * @param {string} separator
   */
  constructor(text, separator) {
    this.text = text;
    this.separator = separator;
    /** Where each row begins and ends, one after the other. */
    this.places = [];
  }

  get rows() {
    return this.places.length / 2;
  }

  /** Finds the rows. Yields now and then, so that the page stays responsive. */
  *find(most = Infinity) {
    const { text, places } = this;
    const ends = /["\n]/g;
    let start = 0;
    for (let found = 0; start < text.length && places.length < most * 2; found++) {
      const end = this.endOfRow(start, ends);
      // Lines without anything are no rows.
      if (end > start) places.push(start, end);
      start = end + 1;
      if (found % 5000 === 4999) yield;
    }
  }

  // The end of a row. A quote counts only at the start of a cell.
  endOfRow(start, ends) {
    const { text, separator } = this;
    ends.lastIndex = start;
    for (;;) {
      const found = ends.exec(text);
      if (!found) return text.length;
      const { index } = found;
      if (found[0] === '\n') return index;
      const before = text[index - 1];
      if (index > start && before !== separator) continue;
      const close = this.closing(index + 1);
      if (close < 0) return text.length;
      ends.lastIndex = close + 1;
    }
  }

  // The quote that ends a cell; two quotes are one of its characters.
  closing(from) {
    const { text } = this;
    let close = text.indexOf('"', from);
    while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
    return close;
  }

  /** The cells of a row. */
  row(index) {
    const { text, separator, places } = this;
    const end = places[index * 2 + 1];
    const cells = [];
    let at = places[index * 2];
    while (at <= end) {
      let value = '';
      if (text[at] === '"') {
        const close = this.closing(at + 1);
        const last = close < 0 || close > end ? end : close;
        value = text.slice(at + 1, last).replaceAll('""', '"');
        at = Math.min(last + 1, end);
      }
      const next = text.indexOf(separator, at);
      const stop = next < 0 || next > end ? end : next;
      cells.push(value + text.slice(at, stop));
      at = stop + 1;
    }
    return cells;
  }
}
