// A folder of 100,000 files opens, scrolls, sorts and filters without delay.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DESKTOP, hasNoViolation, names, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { newFolder, share } from './support/program.mjs';

const FILES = 100_000;

let folder;
let shared;
before(async () => {
  await startBrowser();
  folder = newFolder('Measurements');
  const kinds = ['txt', 'csv', 'jpg', 'bin'];
  for (let n = 1; n <= FILES; n++) {
    const file = path.join(folder, `sample ${n}.${kinds[n % 4]}`);
    fs.writeFileSync(file, 'x'.repeat(n % 10));
    fs.utimesSync(file, 1e9, n === 77 ? 2e9 : 1e9);
  }
  shared = await share(folder);
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

const isWhole = (page) => page.waitForFunction(() => document.getElementById('status').textContent === ''
  && document.querySelector('#summary').textContent.includes('kB'));

test('the first rows are in the page, and all others follow', () => visit(shared.url, DESKTOP, async (page) => {
  assert.equal((await names(page))[9], 'sample 10.csv'.replace('csv', 'jpg'));
  await isWhole(page);
  assert.match(await page.locator('#summary').innerText(), /100,000 files · 450 kB/);
  const rows = await page.locator('.e').count();
  assert.ok(rows < 1000, `${rows} rows are drawn`);
  await hasNoViolation(page);
  await screenshot(page, 'large');
}));

test('sorting and filtering are too fast to notice', () => visit(shared.url, DESKTOP, async (page) => {
  await isWhole(page);
  const took = {};
  const order = {};
  for (const [what, selector] of [['size', '.head .size'], ['kind', '.head .kind'], ['changed', '.head .changed']]) {
    took[what] = await page.evaluate((selector) => {
      const start = performance.now();
      document.querySelector(selector).click();
      document.body.getBoundingClientRect();
      return Math.round(performance.now() - start);
    }, selector);
    order[what] = (await names(page)).slice(0, 3);
  }
  // Equal rows stay sorted by name.
  assert.deepEqual(order, {
    size: ['sample 9.csv', 'sample 19.bin', 'sample 29.csv'],
    kind: ['sample 2.jpg', 'sample 6.jpg', 'sample 10.jpg'],
    changed: ['sample 77.csv', 'sample 1.csv', 'sample 2.jpg'],
  });
  took.filter = await page.evaluate(() => {
    const input = document.querySelector('#filter input');
    const start = performance.now();
    input.value = '99';
    input.dispatchEvent(new Event('input'));
    document.body.getBoundingClientRect();
    return Math.round(performance.now() - start);
  });
  console.log(`# with ${FILES} entries, in ms: ${JSON.stringify(took)}`);
  assert.ok((await names(page)).every((name) => name.includes('99')));
}));

test('a visitor can scroll to the very end', () => visit(shared.url, DESKTOP, async (page) => {
  await isWhole(page);
  const last = page.getByText(`sample ${FILES}.txt`);
  // Heights become more accurate while scrolling.
  await page.waitForFunction((name) => {
    scrollTo(0, document.body.scrollHeight);
    return document.body.innerText.includes(name);
  }, `sample ${FILES}.txt`);
  await last.scrollIntoViewIfNeeded();
  assert.ok(await page.locator('.e').count() < 1000);
  await screenshot(page, 'large-end');
}));

test('the scroll position stays when the rest arrives', () => visit('about:blank', DESKTOP, async (page) => {
  let go;
  const held = new Promise((resolve) => { go = resolve; });
  await page.route('**/?rows', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(shared.url);
  const row = page.locator('.e', { hasText: 'sample 300.' });
  await row.locator('.open').focus();
  await row.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => scrollY);
  const place = await row.boundingBox();
  assert.ok(before > 5000);
  go();
  await isWhole(page);
  assert.equal(Math.round((await row.boundingBox()).y), Math.round(place.y));
  assert.match(await page.evaluate(() => document.activeElement.title), /^sample 300\./);
}));

test('scrolling keeps up', () => visit(shared.url, DESKTOP, async (page) => {
  await isWhole(page);
  const { frames, worst, blank } = await page.evaluate(async () => {
    let worst = 0;
    let blank = 0;
    let last = performance.now();
    const frames = 120;
    for (let frame = 0; frame < frames; frame++) {
      scrollBy(0, 300);
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      worst = Math.max(worst, now - last);
      last = now;
      // The page is notified of rows that come into view before the next task.
      await new Promise((resolve) => setTimeout(resolve));
      if (!document.elementFromPoint(400, 500)?.closest('.e')) blank += 1;
    }
    return { frames, worst: Math.round(worst), blank };
  });
  console.log(`# scrolling through ${frames} frames: the longest took ${worst} ms`);
  assert.equal(blank, 0);
}));

test('without JavaScript there are pages', () => visit(shared.url, { javaScriptEnabled: false }, async (page) => {
  await page.getByRole('link', { name: 'Next page' }).click();
  await page.waitForURL('**/?page=2');
  assert.equal((await names(page))[0], 'sample 501.csv');
  assert.match(await page.locator('#pages').innerText(), /Page 2 of 200/);
  await screenshot(page, 'no-script-pages');
}));

test('the first bytes with rows come at once', async () => {
  const times = [];
  for (let n = 0; n < 5; n++) {
    const start = performance.now();
    // As a browser, which gets a page.
    const text = await (await fetch(shared.url, { headers: { 'User-Agent': 'Mozilla/5.0' } })).text();
    times.push(Math.round(performance.now() - start));
    assert.equal(text.split('class="e ').length - 1, 500);
  }
  console.log(`# a page of ${FILES} entries, in ms: ${times.join(' ')}`);
});

test('programs get the listing in pieces', async () => {
  const part = await (await fetch(`${shared.url}?json&from=99990&count=50`)).json();
  assert.equal(part.total, FILES);
  assert.equal(part.entries.length, 10);
  assert.equal(part.entries[9].name, `sample ${FILES}.txt`);
});

test('unusual sizes and times are sorted, too', () => {
  const file = fs.openSync(path.join(folder, 'huge.iso'), 'w');
  // A sparse file, which takes no space.
  fs.ftruncateSync(file, 2 ** 40);
  fs.closeSync(file);
  // Node can't set times before 1970.
  execFileSync('touch', ['-d', '1969-12-20T00:00Z', path.join(folder, 'huge.iso')]);
  return visit(shared.url, DESKTOP, async (page) => {
    await page.waitForFunction(() => document.querySelector('#summary').textContent.includes('TB'));
    await page.locator('.head .size').click();
    assert.deepEqual((await names(page)).slice(0, 2), ['huge.iso', 'sample 9.csv']);
    await page.locator('.head .changed').click();
    await page.locator('.head .changed').click();
    assert.deepEqual((await names(page)).slice(0, 2), ['huge.iso', 'sample 1.csv']);
  });
});
