// Handing in files, in Chromium and Firefox: what arrives is what was sent, whatever happens meanwhile.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { DESKTOP, startEngine, stopBrowser, visit } from './support/browser.mjs';
import { png } from './support/fixture.mjs';
import { startLine } from './support/line.mjs';
import { newFolder, receive, screenshots } from './support/program.mjs';
import { MIB, choose, contents, drop, dropFolder, files, hasExactly, pasteFile, pasteText, row, rowSays, send, thanked } from './support/uploader.mjs';

for (const engine of ['chromium', 'firefox']) {
  test(`in ${engine}`, async (t) => {
    await startEngine(engine);
    try {
      await uploads(t, engine);
    } finally {
      await stopBrowser();
    }
  });
}

// Runs `work` with a page that hands in to a new folder, over a line.
async function visitInbox(work, { options = [], settings = DESKTOP, mayFail } = {}) {
  const folder = newFolder('Homework');
  const shared = await receive(folder, ...options);
  const line = await startLine(shared.url);
  try {
    await visit(line.url, settings, (page) => work({ page, folder, line, shared }), mayFail);
  } finally {
    line.stop();
    await shared.stop();
  }
}

// Browsers log requests that fail.
const linesMayFail = () => true;

async function uploads(t, engine) {
  const at = (name) => path.join(screenshots, `upload-${engine}-${name}.png`);

  await t.test('three files are delivered, with what the owner and the visitor said', () =>
    visitInbox(async ({ page, folder, line }) => {
      assert.equal(await page.locator('h1:visible').innerText(), 'Homework');
      assert.equal(await page.locator('#message').innerText(), 'Until Friday, <b>please</b>.');
      const mine = files({ 'essay.pdf': 5 * MIB, 'notes.txt': 'notes', 'empty.txt': '' });
      await choose(page, mine);
      await page.locator('#sum', { hasText: '3 files · 5.2 MB' }).waitFor();
      await page.screenshot({ path: at('chosen') });
      await page.getByLabel('Your name (optional)').fill('Ada');
      await send(page);
      assert.deepEqual(await thanked(page, '3 files were delivered.'), ['empty.txt 0 bytes', 'essay.pdf 5.2 MB', 'notes.txt 5 bytes']);
      await page.screenshot({ path: at('thanks') });
      hasExactly(folder, { 'essay.pdf': mine[0], 'notes.txt': mine[1], 'empty.txt': mine[2] });
      const metadata = line.requests.filter(({ method }) => method === 'POST').map(({ headers }) => headers['upload-metadata'] ?? '');
      assert.equal(metadata.filter((each) => each.includes(`sender ${btoa('Ada')}`)).length, 3);
      // The next delivery is another one, and the name is still there.
      await page.getByRole('link', { name: 'Send more files' }).click();
      assert.equal(await page.getByLabel('Your name (optional)').inputValue(), 'Ada');
      await choose(page, files({ 'notes.txt': 'other notes' }));
      await send(page);
      assert.deepEqual(await thanked(page, '1 file was delivered.'), ['notes (2).txt 11 bytes']);
      await page.reload();
      assert.equal(await page.getByLabel('Your name (optional)').inputValue(), 'Ada');
    }, { options: ['--message', 'Until Friday, <b>please</b>.'] }));

  await t.test('a folder keeps its structure', () => visitInbox(async ({ page, folder }) => {
    const root = path.join(newFolder(), 'Trip');
    const trip = {
      'Day 1/beach.txt': 'sand', 'Day 1/Day 1/beach.txt': 'more sand', 'Day 1/note.txt': 'x', 'map.txt': 'map', 'Ünïcode 日本/été.txt': 'été',
    };
    files(trip, root);
    if (engine === 'chromium') await drop(page, root);
    else await dropFolder(page, Object.fromEntries(Object.entries(trip).map(([name, text]) => [`Trip/${name}`, text])));
    await row(page, 'map.txt').waitFor();
    await page.locator('#sum', { hasText: '5 files' }).waitFor();
    await page.screenshot({ path: at('folder') });
    await send(page);
    await thanked(page, '5 files were delivered.');
    const sent = contents(path.dirname(root));
    hasExactly(folder, sent);
  }));

  await t.test('a pasted text and a pasted picture become files', () => visitInbox(async ({ page, folder }) => {
    const picture = png(20, 10, 1);
    await pasteText(page, 'A line of text.');
    await row(page, 'Text.txt').waitFor();
    await pasteFile(page, 'image.png', 'image/png', picture);
    await row(page, /Picture \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png/).waitFor();
    await page.locator('summary').click();
    await page.locator('textarea').fill('Written here.');
    await send(page);
    await thanked(page, '3 files were delivered.');
    const found = contents(folder);
    const [name] = Object.keys(found).filter((each) => each.startsWith('Picture '));
    assert.ok(found[name].equals(picture));
    assert.deepEqual(['Text.txt', 'Text (2).txt'].map((each) => String(found[each])).sort(), ['A line of text.', 'Written here.']);
  }));

  await t.test('a file is paused and resumed, and so are all', () => visitInbox(async ({ page, folder, line }) => {
    const mine = files({ 'film.mp4': 14 * MIB, 'song.mp3': 9 * MIB });
    let goOn;
    let until = new Promise((resolve) => { goOn = resolve; });
    // The second part of each file waits.
    line.rule = ({ method, headers }) => (method === 'PATCH' && headers['upload-offset'] !== '0' ? { until } : undefined);
    await choose(page, mine);
    await send(page);
    await rowSays(page, 'film.mp4', '2.1 MB of 15 MB');
    await rowSays(page, 'song.mp3', '2.1 MB of 9.4 MB');
    assert.equal(await page.locator('#counts').innerText(), '0 of 2 files · 4.2 MB of 24 MB');
    await page.screenshot({ path: at('sending') });
    await page.getByRole('button', { name: 'Pause film.mp4' }).click();
    await rowSays(page, 'film.mp4', 'Paused');
    await page.screenshot({ path: at('paused') });
    line.rule = () => undefined;
    goOn();
    await rowSays(page, 'song.mp3', 'Delivered');
    await page.getByRole('button', { name: 'Resume film.mp4' }).click();
    await thanked(page, '2 files were delivered.');
    hasExactly(folder, { 'film.mp4': mine[0], 'song.mp3': mine[1] });

    // All of them.
    until = new Promise((resolve) => { goOn = resolve; });
    line.rule = ({ method, headers }) => (method === 'PATCH' && headers['upload-offset'] !== '0' ? { until } : undefined);
    const [other] = files({ 'other.bin': 6 * MIB });
    await page.getByRole('link', { name: 'Send more files' }).click();
    await choose(page, other);
    // The size of a part has adapted to the line, so the first one is all.
    line.rule = ({ method }) => (method === 'POST' ? { until } : undefined);
    await send(page);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.locator('#left', { hasText: 'Paused' }).waitFor();
    line.rule = () => undefined;
    goOn();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await thanked(page, '1 file was delivered.');
    hasExactly(folder, { 'film.mp4': mine[0], 'song.mp3': mine[1], 'other.bin': other });
  }, { mayFail: linesMayFail }));

  await t.test('a cancelled file leaves nothing behind, and the others arrive', () => visitInbox(async ({ page, folder, line }) => {
    const mine = files({ 'wrong.bin': 12 * MIB, 'right.bin': 3 * MIB });
    let goOn;
    const until = new Promise((resolve) => { goOn = resolve; });
    line.rule = ({ method, headers }) => (method === 'PATCH' && headers['upload-offset'] !== '0' ? { until } : undefined);
    await choose(page, mine);
    await send(page);
    await rowSays(page, 'wrong.bin', '2.1 MB of 13 MB');
    const deleted = line.next(({ method }) => method === 'DELETE');
    await page.getByRole('button', { name: 'Remove wrong.bin' }).click();
    await deleted;
    goOn();
    assert.deepEqual(await thanked(page, '1 file was delivered.'), ['right.bin 3.1 MB']);
    hasExactly(folder, { 'right.bin': mine[1] });
  }, { mayFail: linesMayFail }));

  await t.test('after the line was cut in the middle of a part, only the rest is sent', () => visitInbox(async ({ page, folder, line }) => {
    const [mine] = files({ 'film.mp4': 20 * MIB });
    line.rule = ({ method, headers }) => {
      if (method !== 'PATCH' || headers['upload-offset'] === '0') return undefined;
      line.isDown = true;
      return { cutAfter: 3 * MIB };
    };
    await choose(page, mine);
    await send(page);
    const notice = page.getByRole('alert').filter({ hasText: 'The connection was lost. Sending continues when it is back.' });
    await notice.waitFor();
    await page.screenshot({ path: at('lost') });
    line.isDown = false;
    line.rule = () => undefined;
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await thanked(page, '1 file was delivered.');
    hasExactly(folder, { 'film.mp4': mine });
    // What was on its way when the line was cut may be lost, but no more.
    assert.ok(line.sent() <= 21 * MIB, `${line.sent()} bytes were sent`);
  }, { mayFail: linesMayFail }));

  await t.test('an answer that gets lost makes no second file', () => visitInbox(async ({ page, folder, line }) => {
    const [mine] = files({ 'small.txt': 'only once' });
    line.rule = ({ method, url }) => {
      if (method !== 'POST' || url.includes('delivered')) return undefined;
      line.rule = () => undefined;
      return { loseAnswer: true };
    };
    await choose(page, mine);
    await send(page);
    await thanked(page, '1 file was delivered.');
    hasExactly(folder, { 'small.txt': mine });
    assert.equal(line.requests.filter(({ method, url }) => method === 'POST' && url.endsWith('?upload')).length, 2);
  }, { mayFail: linesMayFail }));

  await t.test('after a reload the same files go on where they were', () => visitInbox(async ({ page, folder, line }) => {
    const mine = files({ 'film.mp4': 20 * MIB, 'notes.txt': 'notes', 'later.bin': 10 * MIB });
    let goOn;
    const until = new Promise((resolve) => { goOn = resolve; });
    line.rule = ({ method, headers }) => (method === 'PATCH' && headers['upload-offset'] !== '0' ? { until } : undefined);
    await choose(page, mine);
    await send(page);
    await rowSays(page, 'film.mp4', '2.1 MB of 21 MB');
    await rowSays(page, 'later.bin', '2.1 MB of 10 MB');
    await rowSays(page, 'notes.txt', 'Delivered');
    const kinds = [];
    page.onDialog = (dialog) => { kinds.push(dialog.type()); return dialog.accept(); };
    await page.reload();
    assert.deepEqual(kinds, ['beforeunload']);
    page.onDialog = null;
    line.rule = () => undefined;
    goOn();
    const notice = page.locator('#again');
    assert.equal(await notice.getByRole('heading').innerText(), 'Choose the same files again to continue');
    assert.deepEqual((await notice.locator('li').allInnerTexts()).sort(), ['film.mp4', 'later.bin']);
    await page.screenshot({ path: at('again') });
    const before = line.sent();
    // One of them, and one that has arrived.
    await choose(page, mine[0], mine[1]);
    await rowSays(page, 'film.mp4', 'Delivered');
    assert.deepEqual(await notice.locator('li').allInnerTexts(), ['later.bin']);
    await choose(page, mine[2]);
    assert.deepEqual(await thanked(page, '3 files were delivered.'), ['film.mp4 21 MB', 'later.bin 10 MB', 'notes.txt 5 bytes']);
    assert.ok(line.sent() - before <= 26 * MIB, `${line.sent() - before} bytes were sent again`);
    hasExactly(folder, { 'film.mp4': mine[0], 'notes.txt': mine[1], 'later.bin': mine[2] });
    await page.reload();
    assert.equal(await notice.isVisible(), false);
  }, { mayFail: linesMayFail }));

  await t.test('after the server was killed and started again it goes on by itself', async () => {
    const folder = newFolder('Homework');
    const first = await receive(folder);
    const line = await startLine(first.url);
    let second;
    try {
      await visit(line.url, DESKTOP, async (page) => {
        const [mine] = files({ 'film.mp4': 20 * MIB });
        line.rule = ({ method, headers }) => {
          if (method !== 'PATCH' || headers['upload-offset'] === '0') return undefined;
          return { until: new Promise(() => {}) };
        };
        await choose(page, mine);
        await send(page);
        await rowSays(page, 'film.mp4', '2.1 MB of 21 MB');
        await first.kill();
        line.isDown = true;
        const lost = line.next(() => true);
        await page.getByRole('button', { name: 'Pause', exact: true }).click();
        await page.getByRole('button', { name: 'Resume', exact: true }).click();
        await lost;
        second = await receive(folder);
        line.to = new URL(second.url);
        line.isDown = false;
        line.rule = () => undefined;
        await thanked(page, '1 file was delivered.');
        hasExactly(folder, { 'film.mp4': mine });
        assert.ok(line.sent() <= 21 * MIB, `${line.sent()} bytes were sent`);
      }, linesMayFail);
    } finally {
      line.stop();
      await second?.stop();
    }
  });

  await t.test('hostile names do no harm', () => visitInbox(async ({ page, folder }) => {
    const names = ['<img src=x onerror=alert(1)>.txt', 'x\u202egpj.exe', '"\'&amp;.html', '${7*7}{{7*7}}.txt', ' .. .txt'];
    await page.locator('#files').setInputFiles(names.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })));
    await row(page, '<img src=x onerror=alert(1)>.txt').waitFor();
    await row(page, 'x\ufffdgpj.exe').waitFor();
    await page.screenshot({ path: at('hostile') });
    await send(page);
    const told = await thanked(page, '5 files were delivered.');
    assert.ok(told.every((each) => !/[\u202e\n]/.test(each)), told.join());
    assert.equal(await page.locator('main img').count(), 0);
    assert.equal(Object.keys(contents(folder)).length, 5);
    assert.equal(fs.readdirSync(path.dirname(folder)).length, 1, 'nothing got out of the folder');
  }));
}
