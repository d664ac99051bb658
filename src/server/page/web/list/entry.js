// The entries of the folder, and how they become rows.

import { element, fill, icon } from '../common/dom.js';
import { fullFormat, shownAge, shownDate } from '../common/dates.js';
import { shownSize } from '../common/sizes.js';
import { kinds, page, words } from './page.js';
import { linkButton, pickBox } from './row_tools.js';
import { emptyRow } from './row_pattern.js';
import { folded } from './text.js';
import { needsFewPixels } from './tiles.js';

/** A file or folder. Its row is created when it is first shown. */
export class Entry {
  constructor(name, kind, size, time, code, rank, folder = '') {
    this.name = name;
    this.kind = kind;
    this.size = size;
    this.time = time;
    this.code = code;
    this.rank = rank;
    // Where it was found, below this folder.
    this.folder = folder;
    this.isPicked = false;
    this.element = null;
    this.lower = null;
    // The shorter side of the thumbnail that is shown, in pixels.
    this.pixels = 0;
  }

  get isFolder() {
    return this.kind === 0;
  }
  // Below this folder, as in a URL.
  get path() {
    return this.code + (this.isFolder ? '/' : '');
  }
  get url() {
    return './' + this.path;
  }
  // Browsers would decompress an SVGZ drawing.
  get savedUrl() {
    return /\.svgz$/i.test(this.name) ? this.url + '?download' : this.url;
  }
  get isPicture() {
    return this.kind === kinds.picture;
  }
  get version() {
    return `&v=${this.time}-${this.size}`;
  }

  get extension() {
    return this.name.split('.').pop().toLowerCase();
  }

  // The URL of a thumbnail, if there is one.
  get thumbnail() {
    if (!this.isPicture) return null;
    if (page.thumbnails.includes(this.extension))
      return `${this.url}?thumbnail${needsFewPixels() ? '=small' : ''}${this.version}`;
    // Other formats that browsers can show have no thumbnail; small files are shown directly.
    const isShown = /\.(avif|svgz?|bmp|ico)$/i.test(this.name);
    return isShown && this.size < 1500000 ? this.url : null;
  }

  // A thumbnail made from the full picture rather than the one a camera embedded.
  get sharpThumbnail() {
    return `${this.url}?thumbnail=${needsFewPixels() ? 'small-sharp' : 'sharp'}${this.version}`;
  }

  has(text) {
    this.lower ??= folded(this.name);
    return this.lower.includes(text);
  }

  row() {
    const row = this.element ?? this.adopt(this.draw());
    row.querySelector('.pick').tabIndex = document.body.classList.contains('picking') ? 0 : -1;
    return row;
  }

  adopt(element) {
    this.element = element;
    element.entry = this;
    const time = element.querySelector('time');
    time.textContent = shownAge(this.time);
    time.title = shownDate(fullFormat, this.time);
    if (!this.isFolder) element.querySelector('.size').textContent = shownSize(this.size);
    element.classList.toggle('picked', this.isPicked);
    element.append(pickBox(this), linkButton(this));
    return element;
  }

  draw() {
    const row = emptyRow();
    const [open, kind] = row.children;
    row.className = `e ${page.icons[this.kind]}`;
    open.href = this.url;
    open.title = this.name;
    open.querySelector('use').setAttribute('href', '#' + page.icons[this.kind]);
    open.querySelector('bdi').textContent = this.name;
    if (this.folder) open.querySelector('bdi').append(element('small', 'in', this.folder));
    kind.textContent = page.names[this.kind];
    row.querySelector('.size').textContent = '';
    const get = element(this.isFolder ? 'button' : 'a', 'get');
    if (this.isFolder) Object.assign(get, { name: 'archive', value: 'zip', formAction: this.url });
    else Object.assign(get, { href: this.savedUrl, download: '' });
    get.append(icon('get'));
    row.lastElementChild.replaceWith(get);
    get.setAttribute(
      'aria-label',
      fill(this.isFolder ? words.download_folder : words.download, { name: this.name }),
    );
    return row;
  }
}
