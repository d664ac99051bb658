// Long lists: on paper, and longer than a browser can lay out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

const FILES = 2000;

let shared;
before(async () => {
  await startBrowser();
  const folder = newFolder('Receipts');
  for (let n = 1; n <= FILES; n++) write(folder, `receipt ${n}.txt`);
  shared = await share(folder);
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

const allAreThere = (page) => page.waitForFunction(() => !document.getElementById('pages'));
const rows = (page) => page.locator('.e').count();

test('a list of 2,000 files prints completely, and is as light as before afterwards', () =>
  visit(shared.url, DESKTOP, async (page) => {
    await allAreThere(page);
    assert.ok(await rows(page) < 600);
    await page.evaluate(() => {
      addEventListener('beforeprint', () => { globalThis.printed = document.querySelectorAll('.e').length; });
    });
    await page.pdf();
    assert.equal(await page.evaluate('printed'), FILES);
    await page.waitForFunction(() => document.querySelectorAll('.e').length < 600);
  }));

test('the end of a list can be reached that is higher than a browser allows', () =>
  visit('about:blank', DESKTOP, async (page) => {
    const count = 300_000;
    // A server with so many files would take long to prepare.
    const line = (start) => JSON.stringify(Array.from({ length: 1000 }, (_, n) => [`receipt ${start + n + 1}.txt`, 6, 7, 1e9]));
    const body = Array.from({ length: count / 1000 }, (_, n) => line(n * 1000) + '\n').join('');
    await page.route('**/?rows', (route) => route.fulfill({ body }));
    await page.goto(shared.url);
    await allAreThere(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight) < 17_000_000);
    await page.waitForFunction((name) => {
      scrollTo(0, document.body.scrollHeight);
      const found = [...document.querySelectorAll('.e .open')].find((each) => each.title === name);
      return found?.getBoundingClientRect().top < innerHeight;
    }, `receipt ${count}.txt`);
    // Rows stay together in the middle, too.
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
    await page.waitForFunction(() => document.elementFromPoint(300, 400)?.closest('.e'));
  }));
