// Shows the queue: a row for each file, and one bar for all of them.

// Of more files than this, only those that matter now have a row.
const MOST_ROWS = 100;

const opener = document.querySelector('[data-opens]');
const dirty = new Set();
let drawing = 0;
// What went wrong with the last choice.
let told = '';
// The last quarter that a screen reader was told of.
let quarter = 0;
let thanked = false;

function changed(item) {
  dirty.add(item);
  drawSoon();
}

function drawSoon() {
  drawing ||= setTimeout(draw, all.size > MOST_ROWS ? 500 : 50);
}

function trouble(text) {
  told = text;
  drawSoon();
}

// Writes only what has changed, so that nothing is announced or selected anew.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function draw() {
  clearTimeout(drawing);
  drawing = 0;
  const { sending, waiting: queued, paused, failed, done, ready } = tally;
  const isOver = sending + queued + paused === 0;
  const isUnderWay = isRunning || !isOver || (failed > 0 && done > 0);
  const left = missing();
  const isFailed = isOver && failed > 0;
  const isEnd = isOver && done && failed + left.length;
  document.body.classList.toggle('filled', all.size > 0);
  drawRows();
  if (isUnderWay) drawTotal(isOver);
  if (left.length) drawMissing(left);
  write(at('sum'), ready ? `${shownFiles(all.size)} · ${shownSize(bytes.total)}` : '');
  write(at('trouble-text'), words[hold.kind] ?? (told || (isFailed && !ready ? words.some_failed : '')));
  const shown = {
    total: isUnderWay,
    again: left.length,
    hold: !isOver,
    finish: isEnd,
    stop: !isEnd,
    go: ready || !isUnderWay,
    last: ready || !isUnderWay,
    trouble: at('trouble-text').textContent,
    try: hold.kind || (isFailed && those('failed').some(({ trouble }) => trouble in AGAIN)),
    header: !thanked,
    form: !thanked,
    thanks: thanked,
  };
  for (const [id, isShown] of Object.entries(shown)) at(id).hidden = !isShown;
}

function drawTotal(isOver) {
  const { total, sent } = bytes;
  const share = total ? sent / total : tally.done / all.size;
  const shownShare = percent.format(Math.floor(share * 100) / 100);
  const pace = isRunning && !hold.kind ? speed() : 0;
  const isPaused = !isRunning && !isOver;
  at('bar').value = share;
  write(at('percent'), shownShare);
  write(at('left'), isPaused ? words.paused : pace ? timeLeft((total - sent) / pace) : '');
  write(
    at('counts'),
    fill(words.counts, {
      n: number.format(tally.done),
      files: shownFiles(all.size),
      size: shownSize(sent),
      total: shownSize(total),
    }),
  );
  write(at('pace'), pace ? shownSize(pace, '-per-second') : '');
  write(at('hold'), isPaused ? words.resume : words.pause);
  document.title = `${shownShare} · ${page.title}`;
  // Not every percent.
  const now = Math.floor(share * 4);
  if (now > quarter && now < 4) say(fill(words.sent, { percent: percent.format(now / 4) }));
  quarter = now;
}

// An item of a list.
function fileRow(name, more) {
  const made = document.createElement('li');
  const [first, second] = [document.createElement('bdi'), document.createElement('span')];
  first.textContent = harmless(name);
  second.textContent = more;
  made.append(first, second);
  return made;
}

function drawMissing(left) {
  const names = left.filter(Boolean).slice(0, 10).map(harmless);
  if (left.length > names.length) names.push(`+ ${shownFiles(left.length - names.length)}`);
  const list = at('again').querySelector('ul');
  if (list.textContent !== names.join('')) list.replaceChildren(...names.map((name) => fileRow(name, '')));
}

function itemsToShow() {
  if (all.size <= MOST_ROWS) return [...all.values()];
  const { item } = document.activeElement.closest('#items > li') ?? {};
  const items = ['sending', 'failed', 'paused', 'waiting', 'ready', 'done'].flatMap((state) => those(state));
  return [...new Set(all.has(item?.key) ? [item, ...items] : items)].slice(0, MOST_ROWS);
}

function drawRows() {
  const list = at('items');
  const items = itemsToShow();
  const shown = new Set(items);
  const focused = document.activeElement;
  const place = [...list.children].findIndex((row) => row.contains(focused));
  for (const row of [...list.children]) if (!shown.has(row.item)) row.remove();
  items.forEach((item, place) => {
    const row = item.row ?? newRow(item);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place]);
  });
  if (place >= 0 && document.activeElement !== focused) {
    // The focus goes to the next row if its own is gone.
    const near = list.children[Math.min(place, items.length - 1)]?.querySelector('.no');
    (focused.isConnected ? focused : (near ?? opener)).focus();
  }
  for (const item of dirty)
    if (shown.has(item)) drawRow(item);
    else item.row = null;
  dirty.clear();
  const more = all.size - items.length;
  write(at('more'), more ? `+ ${shownFiles(more)}` : '');
}

function newRow(item) {
  const row = at('row').content.firstElementChild.cloneNode(true);
  const name = harmless(item.path);
  const end = name.lastIndexOf('/') + 1;
  row.item = item;
  row.title = name;
  row.querySelector('small').textContent = name.slice(0, end);
  row.querySelector('bdi').textContent = name.slice(end);
  row.querySelector('progress').ariaLabel = name;
  row.querySelector('.no').ariaLabel = fill(words.remove_file, { name });
  item.row = row;
  dirty.add(item);
  return row;
}

const ACTS = { waiting: 'pause', sending: 'pause', paused: 'resume', failed: 'retry' };
const SIGNS = { done: 'done', failed: 'warning' };

function drawRow({ row, state, size, offset, trouble: kind, since, from }) {
  const act = ACTS[state];
  const [sign, sign2] = row.querySelectorAll('use');
  const [first, last] = row.querySelectorAll('button');
  const bar = row.querySelector('progress');
  const total = shownSize(size);
  const part = offset && state !== 'done' ? fill(words.part, { size: shownSize(offset), total }) : total;
  const pace = since && offset > from ? ((offset - from) * 1000) / (performance.now() - since) : 0;
  row.className = state;
  sign.setAttribute('href', '#' + (SIGNS[state] ?? 'file'));
  first.hidden = !act || (state === 'failed' && !(kind in AGAIN));
  last.hidden = state === 'done';
  if (act) {
    sign2.setAttribute('href', '#' + act);
    first.title = words[act];
    first.ariaLabel = fill(words[`${act}_file`], { name: row.title });
  }
  bar.hidden = !/sending|paused|waiting/.test(state) || (state === 'waiting' && !offset);
  bar.value = size && offset / size;
  const isTooLarge = kind === 'too_large' && page.maxBytes;
  const text = {
    sending: pace ? [part, shownSize(pace, '-per-second'), timeLeft((size - offset) / pace)] : [part],
    failed: [isTooLarge ? fill(words.too_large_file, { size: shownSize(page.maxBytes) }) : words[kind]],
    ready: [part],
  }[state] ?? [part, words[state]];
  write(row.querySelector('.state'), text.join(' · '));
}

// The end.
function thank(files) {
  thanked = true;
  const [, heading, sentence, list] = at('thanks').children;
  sentence.textContent = counted(words.delivered, files.length);
  list.replaceChildren(...files.map(({ name, size }) => fileRow(String(name), shownSize(size))));
  document.title = words.thanks;
  draw();
  heading.focus();
}

function startOver() {
  if (thanked) document.title = page.title;
  thanked = false;
  quarter = 0;
}
