// What the viewer shows of a file: one function per kind.

const TEXT_BYTES = 1000000;
const TEXT_LINES = 20000;
// Longer source code, in characters, is not highlighted.
const COLOURED = 300000;

function showPicture(entry, signal) {
  const { stage } = viewer;
  const image = new Image();
  image.alt = entry.name;
  image.onload = () => {
    if (signal.aborted) return;
    stage.replaceChildren(image);
    // On touch screens people zoom with two fingers.
    if (!matchMedia('(pointer: coarse)').matches) image.onclick = (event) => magnify(image, event);
    // Preloads the picture that is likely to be next.
    const next = neighbour(1);
    if (next?.isPicture && next.size < 12000000) new Image().src = next.url;
  };
  image.onerror = () => { if (!signal.aborted) showCard(entry, say_.cannot_show); };
  image.src = entry.url;
  if (image.complete) return;
  const first = entry.thumbnail && new Image();
  if (first) {
    first.className = 'first';
    first.alt = '';
    first.src = entry.thumbnail;
    stage.append(first);
  } else {
    stage.append(element('p', 'wait', say_.loading));
  }
  signal.addEventListener('abort', () => { image.onload = image.onerror = null; image.src = ''; });
}

// Toggles between fitting the picture and showing it at full size, keeping the point under the
// pointer in place.
function magnify(image, { offsetX, offsetY, clientX, clientY }) {
  const { stage } = viewer;
  const isWide = image.naturalWidth > stage.clientWidth || image.naturalHeight > stage.clientHeight;
  if (!isWide && !stage.classList.contains('full')) return;
  const { width, height } = image;
  const { left, top } = stage.getBoundingClientRect();
  if (stage.classList.toggle('full')) {
    stage.scrollTo((offsetX / width) * image.width - clientX + left, (offsetY / height) * image.height - clientY + top);
  }
}

function showMedia(entry, tag) {
  const media = element(tag);
  media.controls = true;
  media.preload = 'metadata';
  media.playsInline = true;
  media.setAttribute('aria-label', entry.name);
  media.onerror = () => {
    if (viewer.entry === entry) showCard(entry, say_.cannot_show);
  };
  media.src = entry.url;
  if (tag === 'audio') {
    const sound = element('div', 'sound');
    sound.append(icon('audio'), media);
    viewer.stage.append(sound);
  } else {
    viewer.stage.append(media);
  }
  viewer.stop.signal.addEventListener('abort', () => {
    media.onerror = null;
    media.removeAttribute('src');
    media.load();
  });
}

function showPdf(entry) {
  // Phones and tablets can't embed PDFs, or show only the first page.
  if (navigator.pdfViewerEnabled === false || matchMedia('(pointer: coarse)').matches) {
    showCard(entry, '', say_.open);
    return;
  }
  const frame = element('iframe');
  frame.title = entry.name;
  frame.src = entry.url;
  viewer.stage.append(frame);
}

// Shown for files that can't be viewed here: what else can be done with them.
function showCard(entry, text, open) {
  const card = element('div', 'card');
  const picture = icon(page.icons[entry.kind]);
  picture.classList.add('big');
  card.append(picture);
  if (text) card.append(element('p', '', text));
  if (open) {
    const way = element('a', 'button');
    Object.assign(way, { href: entry.url, target: '_blank', rel: 'noopener' });
    way.append(icon('out'), element('span', '', open));
    card.append(way);
  }
  const save = element('a', open ? 'button plain' : 'button');
  save.href = entry.url + '?download';
  save.setAttribute('download', '');
  save.append(icon('get'), element('span', '', say_.save), element('small', '', shownSize(entry.size)));
  card.append(save);
  viewer.stage.replaceChildren(card);
}

async function showText(entry, signal) {
  const { stage } = viewer;
  const wait = setTimeout(() => stage.append(element('p', 'wait', say_.loading)), 300);
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

const cut = (isCut) => isCut ? [element('p', 'cut', say_.cut)] : [];

// UTF-8 or UTF-16 if valid, otherwise what the text itself says, or the encoding of old Windows
// programs.
function decode(bytes, charset) {
  const [first, second] = new Uint8Array(bytes);
  const mark = { '255,254': 'utf-16le', '254,255': 'utf-16be' }[`${first},${second}`];
  try {
    // The last character may be incomplete.
    return new TextDecoder(charset ?? mark ?? 'utf-8', { fatal: !charset }).decode(bytes, { stream: true });
  } catch {
    if (new Uint8Array(bytes).subarray(0, 8000).includes(0)) throw new Error('binary');
    const start = new TextDecoder('windows-1252').decode(new Uint8Array(bytes).subarray(0, 1024));
    const [, said] = /(?:charset=|encoding=|@charset )["']?([\w-]+)/i.exec(start) ?? [];
    try {
      return new TextDecoder(said ?? 'windows-1252').decode(bytes, { stream: true });
    } catch {
      return new TextDecoder('windows-1252').decode(bytes);
    }
  }
}
