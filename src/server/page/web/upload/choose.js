// Where files come from: dialogs, drops of files and whole folders, the camera, the clipboard.

import { at, fill } from '../common/dom.js';
import { takeDrops } from './drag.js';
import { harmless } from './names.js';
import { add, all } from './queue.js';
import { pump } from './sending.js';
import { say, shownFiles, words } from './texts.js';
import { startOver, told, trouble } from './view.js';

// The files in dropped entries and below, with their paths.
async function* filesBelow(entries) {
  for (const entry of entries) {
    const path = entry.fullPath.slice(1);
    try {
      if (entry.isFile) {
        yield [await new Promise((resolve, reject) => entry.file(resolve, reject)), path];
        continue;
      }
      const reader = entry.createReader();
      let some;
      do {
        // A hundred at a time.
        some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        yield* filesBelow(some);
      } while (some.length);
    } catch {
      trouble(fill(words.cannot_read, { name: harmless(path) }));
    }
  }
}

const withPaths = (files) => Array.from(files, (file) => [file, file.webkitRelativePath || file.name]);

// Adds files to the list as they are found.
async function addAll(found) {
  startOver();
  const before = all.size;
  let twice = '';
  let last = performance.now();
  trouble('');
  for await (const [file, path] of found) {
    if (!add(file, path)) twice ||= path;
    if (performance.now() - last < 100) continue;
    // The page stays responsive.
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  }
  const added = all.size - before;
  if (added) say(fill(words.added, { files: shownFiles(added) }));
  else trouble(told.text || (twice ? fill(words.already, { name: harmless(twice) }) : words.nothing_found));
  pump();
}

// A name for what has none: `Photo 2026-11-29 12.30.05.jpg`.
function named(file, word) {
  // Swedes write dates like this.
  const now = new Date().toLocaleString('sv').replaceAll(':', '.');
  const [end] = /\.\w{1,5}$/.exec(file.name) ?? [''];
  return new File([file], `${word} ${now}${end}`, { type: file.type });
}

/** A text as a file. */
export const textFile = (text) => new File([text], 'Text.txt', { type: 'text/plain' });

for (const button of document.querySelectorAll('[data-opens]')) {
  const input = at(button.dataset.opens);
  button.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const files = [...input.files];
    addAll(withPaths(input.id === 'camera' ? files.map((file) => named(file, words.photo)) : files));
    // The same file may be chosen again.
    input.value = '';
  });
}
if (!('webkitdirectory' in at('folder'))) document.querySelector('[data-opens=folder]').hidden = true;

/** Adds what was dropped. */
export const addDropped = (entries, files) => addAll(entries.length ? filesBelow(entries) : withPaths(files));
takeDrops(addDropped);

document.addEventListener('paste', ({ target, clipboardData }) => {
  const text = clipboardData.getData('text/plain');
  const files = [...clipboardData.files];
  const isPicture = files.length === 1 && files[0].name === 'image.png';
  // Some programs put a picture of a text beside it.
  if (files.length && !(text && isPicture)) {
    addAll(withPaths(isPicture ? [named(files[0], words.picture)] : files));
  } else if (text.trim() && !target.closest?.('input, textarea')) {
    addAll(withPaths([textFile(text)]));
  }
});
