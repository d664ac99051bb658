// What visitors do on the page for handing in files, and what has come of it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { newFolder } from './program.mjs';

export const MIB = 1 << 20;

// Writes files, from names to contents or lengths, and returns their paths.
export function files(contents, folder = newFolder('Mine')) {
  return Object.entries(contents).map(([name, content]) => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof content === 'number' ? randomBytes(content) : content);
    return file;
  });
}

export const choose = (page, ...paths) => page.locator('#files').setInputFiles(paths.flat());
export const send = (page) => page.getByRole('button', { name: 'Send', exact: true }).click();
export const row = (page, name) => page.locator('#items li', { hasText: name });
export const state = (page, name) => row(page, name).locator('.state').innerText();

// Waits until a row says something.
export const rowSays = (page, name, text) => row(page, name).locator('.state', { hasText: text }).waitFor();

// What the page says at the end: names and sizes.
export async function thanked(page, sentence) {
  await page.getByRole('heading', { name: 'Thank you.' }).waitFor();
  assert.equal(await page.locator('#thanks p').first().innerText(), sentence);
  const items = await page.locator('#thanks li').evaluateAll((all) =>
    all.map((item) => `${item.querySelector('bdi').textContent} ${item.querySelector('span').textContent}`));
  return items.sort();
}

// All files below a folder, from their paths to their contents. Parts of uploads are files too, but
// not the list of those that have arrived.
export function contents(folder) {
  const found = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = found.map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
  const files = paths.filter((file) => !/^\.spot-serve-parts\/[^/]*\.done$/.test(file)).sort();
  return Object.fromEntries(files.map((file) => [file, fs.readFileSync(path.join(folder, file))]));
}

// Asserts that a folder has exactly these files.
export function hasExactly(folder, expected) {
  const found = contents(folder);
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, file] of Object.entries(expected)) {
    const content = Buffer.isBuffer(file) ? file : fs.readFileSync(file);
    assert.ok(found[name].equals(content), `${name} is not what was sent`);
  }
}

// Drops files and folders on the page, as the system does. Chromium only.
export async function drop(page, ...paths) {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize();
  const place = { x: width / 2, y: height / 2 };
  const data = { items: [], files: paths.flat(), dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await session.send('Input.dispatchDragEvent', { type, ...place, data });
}

// Copies a text and pastes it, as people do, while no field has the focus.
export async function pasteText(page, text) {
  const field = page.locator('#sender');
  await field.fill(text);
  await field.press('ControlOrMeta+a');
  await field.press('ControlOrMeta+x');
  await field.blur();
  await page.keyboard.press('ControlOrMeta+v');
}

// Lets the page see a paste of a file.
export const pasteFile = (page, name, type, content) => page.evaluate(([name, type, base64]) => {
  const clipboardData = new DataTransfer();
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  clipboardData.items.add(new File([bytes], name, { type }));
  document.body.dispatchEvent(Object.assign(new Event('paste', { bubbles: true }), { clipboardData }));
}, [name, type, content.toString('base64')]);

// Lets the page see a drop of a folder with these files. Firefox can't be made to drop a real one.
export const dropFolder = (page, files) => page.evaluate((files) => {
  const root = { fullPath: '', isFile: false, inner: new Map() };
  for (const [path, text] of Object.entries(files)) {
    const names = path.split('/');
    let folder = root;
    names.forEach((name, place) => {
      const fullPath = `${folder.fullPath}/${name}`;
      const isFile = place === names.length - 1;
      if (!folder.inner.has(name)) {
        folder.inner.set(name, { fullPath, isFile, inner: new Map(), file: (take) => take(new File([text], name)) });
      }
      folder = folder.inner.get(name);
    });
  }
  const read = (entry) => {
    entry.createReader = () => {
      const left = [...entry.inner.values()];
      // A few at a time, as browsers do.
      return { readEntries: (take) => take(left.splice(0, 2)) };
    };
    entry.inner.forEach(read);
    return entry;
  };
  const items = [...read(root).inner.values()].map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry }));
  const dataTransfer = { types: ['Files'], items, files: [] };
  document.body.dispatchEvent(Object.assign(new Event('drop', { bubbles: true, cancelable: true }), { dataTransfer }));
}, files);
