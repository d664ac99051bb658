// The entries of the folder, formatted for the visitor's language.

const page = JSON.parse(document.getElementById('page').textContent);
const words = page.list;
const at = (id) => document.getElementById(id);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (slot, name) => values[name] ?? slot);

// Encodes names as the server does, so that both use the same URL for the same file.
const encoded = (name) =>
  encodeURIComponent(name).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());

const locales = navigator.languages;
const number = new Intl.NumberFormat(locales);
const dayFormat = new Intl.DateTimeFormat(locales, { dateStyle: 'medium' });
const fullFormat = new Intl.DateTimeFormat(locales, { dateStyle: 'full', timeStyle: 'short' });
const ageFormat = new Intl.RelativeTimeFormat(locales, { numeric: 'auto' });
const DAY = 86400;

function shownAge(seconds) {
  const age = Date.now() / 1000 - seconds;
  if (age >= 0 && age < 60) return ageFormat.format(0, 'second');
  if (age >= 0 && age < 3600) return ageFormat.format(-Math.floor(age / 60), 'minute');
  if (age >= 0 && age < DAY) return ageFormat.format(-Math.floor(age / 3600), 'hour');
  if (age >= 0 && age < 7 * DAY) return ageFormat.format(-Math.floor(age / DAY), 'day');
  return shownDate(dayFormat, seconds);
}

// File systems can report times that are not valid dates.
function shownDate(format, seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? '' : format.format(date);
}

// In lower case and without accents, which is how people type search terms.
function folded(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return text.toLocaleLowerCase().normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
}

const kindOf = (name) => page.icons.indexOf(name);
const PICTURE = kindOf('picture');

// A file or folder. Its row is created when it is first shown.
class Entry {
  constructor(name, kind, size, time, code, rank) {
    this.name = name;
    this.kind = kind;
    this.size = size;
    this.time = time;
    this.code = code;
    this.rank = rank;
    this.element = null;
    this.lower = null;
    // The shorter side of the thumbnail that is shown, in pixels.
    this.pixels = 0;
  }

  get isFolder() { return this.kind === 0; }
  get url() { return './' + this.code + (this.isFolder ? '/' : ''); }
  // Browsers would decompress an SVGZ drawing.
  get savedUrl() { return /\.svgz$/i.test(this.name) ? this.url + '?download' : this.url; }
  get isPicture() { return this.kind === PICTURE; }
  get version() { return `&v=${this.time}-${this.size}`; }

  // The URL of a thumbnail, if there is one.
  get thumbnail() {
    if (!this.isPicture) return null;
    if (/\.(jpe?g|jpe|jfif|png|gif|webp)$/i.test(this.name)) return `${this.url}?thumbnail${this.version}`;
    // Other formats that browsers can show have no thumbnail; small files are shown directly.
    const isShown = /\.(avif|svgz?|bmp|ico)$/i.test(this.name);
    return isShown && this.size < 1500000 ? this.url : null;
  }

  // A thumbnail made from the full picture rather than the one a camera embedded.
  get sharpThumbnail() { return `${this.url}?thumbnail=sharp${this.version}`; }

  has(text) {
    this.lower ??= folded(this.name);
    return this.lower.includes(text);
  }

  row() {
    return this.element ?? this.adopt(this.draw());
  }

  adopt(element) {
    this.element = element;
    element.entry = this;
    const time = element.querySelector('time');
    time.textContent = shownAge(this.time);
    time.title = shownDate(fullFormat, this.time);
    if (!this.isFolder) element.querySelector('.size').textContent = shownSize(this.size);
    return element;
  }

  draw() {
    const element = pattern.cloneNode(true);
    const [open, kind] = element.children;
    element.className = `e ${page.icons[this.kind]}`;
    open.href = this.url;
    open.title = this.name;
    open.querySelector('use').setAttribute('href', '#' + page.icons[this.kind]);
    open.querySelector('bdi').textContent = this.name;
    kind.textContent = page.names[this.kind];
    element.querySelector('.size').textContent = '';
    const get = document.createElement(this.isFolder ? 'button' : 'a');
    get.className = 'get';
    if (this.isFolder) Object.assign(get, { name: 'archive', value: 'zip', formAction: this.url });
    else Object.assign(get, { href: this.savedUrl, download: '' });
    get.append(icon('get'));
    element.lastElementChild.replaceWith(get);
    get.setAttribute('aria-label',
      fill(this.isFolder ? words.download_folder : words.download, { name: this.name }));
    return element;
  }
}

// An empty row, cloned for every entry.
let pattern = null;

function entriesOfPage() {
  const rows = [...document.querySelectorAll('.e')];
  if (rows.length === 0) return [];
  pattern = rows[0].cloneNode(true);
  pattern.querySelectorAll('img').forEach((image) => image.remove());
  for (const name of ['n', 'k', 's', 't']) delete pattern.dataset[name];
  return rows.map((row) => {
    const link = row.querySelector('.open');
    const { n, k, s, t } = row.dataset;
    const code = link.getAttribute('href').slice(2).replace(/\/$/, '');
    const entry = new Entry(link.title, Number(k), Number(s), Number(t), code, Number(n));
    entry.adopt(row);
    return entry;
  });
}

// All entries of a large folder in chunks, sorted by name.
async function* allEntries() {
  const response = await fetch('./?rows');
  if (!response.ok) throw new Error(response.statusText);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let rank = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      yield JSON.parse(line).map(([name, kind, size, time, code]) =>
        new Entry(name, kind, size, time, code ?? encoded(name), rank++));
    }
  }
}
