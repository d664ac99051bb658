// Shows the queue: one bar for all files, and what is to be said about them.

import { at, fill } from '../common/dom.js';
import { counted } from '../common/counts.js';
import { number } from '../common/locale.js';
import { shownSize } from '../common/sizes.js';
import { display } from './display.js';
import { harmless } from './names.js';
import { speed } from './pace.js';
import { all, bytes, missing, run, tally, tryable } from './queue.js';
import { MOST_ROWS, drawRows, fileRow, redraw, write } from './rows.js';
import { hold } from './sending.js';
import { page, percent, say, shownFiles, timeLeft, words } from './texts.js';

/** The button that opens the dialog for files. */
export const opener = document.querySelector('[data-opens]');
let drawing = 0;
/** What went wrong with the last choice. */
export const told = { text: '' };
// The last quarter that a screen reader was told of.
let quarter = 0;
let thanked = !at('thanks').hidden;

/** Draws in a moment, because more may change until then. */
export function drawSoon() {
  drawing ||= setTimeout(draw, all.size > MOST_ROWS ? 500 : 50);
}

/** Says what went wrong with the last choice. */
export function trouble(text) {
  told.text = text;
  drawSoon();
}

/** Draws what has changed. */
export function draw() {
  clearTimeout(drawing);
  drawing = 0;
  const { sending, waiting: queued, paused, failed, done, ready } = tally;
  const isOver = sending + queued + paused === 0;
  const isUnderWay = run.isOn || !isOver || (failed > 0 && done > 0);
  const left = missing();
  const isFailed = isOver && failed > 0;
  const isEnd = isOver && done && failed + left.length;
  document.body.classList.toggle('filled', all.size > 0);
  drawRows(opener);
  if (isUnderWay) drawTotal(isOver);
  if (left.length) drawMissing(left);
  write(at('sum'), ready ? `${shownFiles(all.size)} · ${shownSize(bytes.total)}` : '');
  write(at('trouble-text'), words[hold.kind] ?? (told.text || (isFailed && !ready ? words.some_failed : '')));
  const shown = {
    total: isUnderWay,
    again: left.length,
    hold: !isOver,
    finish: isEnd,
    stop: !isEnd,
    go: ready || !isUnderWay,
    last: ready || !isUnderWay,
    trouble: at('trouble-text').textContent,
    try: hold.kind || (isFailed && tryable().length),
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
  const pace = run.isOn && !hold.kind ? speed() : 0;
  const isPaused = !run.isOn && !isOver;
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

function drawMissing(left) {
  const names = left.filter(Boolean).slice(0, 10).map(harmless);
  if (left.length > names.length) names.push(`+ ${shownFiles(left.length - names.length)}`);
  const list = at('again').querySelector('ul');
  if (list.textContent !== names.join('')) list.replaceChildren(...names.map((name) => fileRow(name, '')));
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

/** Files may be chosen again. */
export function startOver() {
  if (thanked) document.title = page.title;
  thanked = false;
  quarter = 0;
}

display.changed = (item) => {
  redraw(item);
  drawSoon();
};
display.drawSoon = drawSoon;
display.thank = thank;
