// Starts the page.

import { at, fill } from '../common/dom.js';
import { LARGEST } from './chunks.js';
import { addDropped, textFile } from './choose.js';
import { store, stored } from './kept.js';
import { forget, memory } from './memory.js';
import { add, all, bytes, run, tally, those, tryable } from './queue.js';
import { request } from './request.js';
import { cancel, hold, keepFrom, pause, pump, resume } from './sending.js';
import { page, say, shownFiles, words } from './texts.js';
import { draw, drawSoon, opener, startOver, trouble } from './view.js';

const onClick = (id, act) =>
  at(id).addEventListener('click', (event) => {
    act(event);
    drawSoon();
  });

onClick('items', ({ target }) => {
  const button = target.closest('.act');
  if (!button) return;
  const { item } = button.closest('li');
  if (button.classList.contains('no')) cancel([item]);
  else if (/waiting|sending/.test(item.state)) pause([item], 'paused');
  else resume([item]);
});
onClick('hold', () => {
  if (!run.isOn) return resume(those('paused'));
  run.isOn = false;
  pause(those('sending'), 'waiting');
});
onClick('stop', () => {
  if (bytes.sent && !window.confirm(words.really_stop)) return;
  run.isOn = tally.done > 0;
  cancel(those('waiting sending paused failed'));
});
onClick('try', () => {
  hold.times = 0;
  resume(tryable());
});
onClick('finish', () => {
  memory.missing.clear();
  run.isOn = true;
  cancel(those('failed'));
});
onClick('forget', () => {
  for (const [key, url] of memory.open) if (!all.has(key)) request('DELETE', url, {}, null).catch(() => {});
  memory.missing.clear();
  if (all.size === 0) forget();
  pump();
});
onClick('another', (event) => {
  event.preventDefault();
  startOver();
  draw();
  opener.focus();
});

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = at('text');
  if (text.value.trim()) add(textFile(text.value), 'Text.txt');
  trouble(all.size ? '' : words.nothing_chosen);
  if (all.size === 0) return;
  text.value = '';
  store('upload:', at('sender').value);
  say(fill(words.sending, { files: shownFiles(all.size) }));
  resume(those('ready'));
  draw();
  at('hold').focus();
});

// What the owner allows may have changed since the page was made.
async function ask() {
  try {
    const { allowed, maxBytes, chunk: most } = await (await fetch('./?uploads=json')).json();
    Object.assign(page, { maxBytes, chunk: Math.min(most || LARGEST, 4 * LARGEST) });
    if (allowed === false) keepFrom('setting_off', 0);
  } catch {
    // Sending tells.
  }
}

at('sender').value = stored('upload:') ?? '';
// A link may have a password that this visitor has entered before.
if (location.hash.startsWith('#password=')) history.replaceState(null, '', location.href.split('#')[0]);
document.body.classList.add('alive');
ask();
draw();
// Dropped on the list of a folder.
if (window.dropped) addDropped(...window.dropped);
delete window.dropped;
