// Searching in all folders below.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { DESKTOP, hasNoViolation, names, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { project, write } from './support/fixture.mjs';
import { share } from './support/program.mjs';

let shared;
before(async () => {
  await startBrowser();
  const folder = project();
  fs.mkdirSync(`${folder}/Photos/Old ones`);
  write(`${folder}/Photos/Old ones`, 'notes on photos.txt', 'where they were taken\n');
  shared = await share(folder);
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

test('what is in other folders is found, opened and left again', () => visit(shared.url, DESKTOP, async (page) => {
  await page.locator('#filter input').fill('notes');
  assert.deepEqual(await names(page), ['notes.txt']);
  await page.getByText('Search all folders').click();
  await page.getByText('2 results in all folders.').waitFor();
  assert.match(await page.locator('.e', { hasText: 'notes on' }).innerText(), /notes on photos\.txt\s+Photos\/Old ones/);
  assert.equal(new URL(page.url()).search, '?filter=notes&below=1');
  await hasNoViolation(page);
  await screenshot(page, 'search');
  await page.getByText('notes on photos.txt').click();
  await page.getByText('where they were taken').waitFor();
  await page.reload();
  await page.getByText('where they were taken').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  // Typing goes on in all folders; without a text, the folder is back.
  await page.locator('#filter input').fill('1.png');
  await page.getByText('1 result in all folders.').waitFor();
  await page.locator('#filter input').fill('');
  await page.waitForFunction(() => document.querySelectorAll('.e').length === 15);
  assert.equal(new URL(page.url()).search, '');
}));

test('a link to a search finds the same', () => visit(`${shared.url}?filter=notes&below=1`, DESKTOP, async (page) => {
  await page.getByText('2 results in all folders.').waitFor();
  await page.getByText('Search all folders').click();
  await page.getByText('1 of 15 shown').waitFor();
  assert.deepEqual(await names(page), ['notes.txt']);
}));

test('typing on cancels a search, and thousands of results keep the page quick', () =>
  visit(shared.url, DESKTOP, async (page) => {
    const asked = [];
    await page.route(/rows&search=/, async (route) => {
      asked.push(new URL(route.request().url()).searchParams.get('search'));
      const rows = Array.from({ length: 5000 }, (_, n) => `["${asked.at(-1)} ${n}.txt",6,${n},1e9,null,"Photos"]\n`);
      await route.fulfill({ body: rows.join('') + '{"cut":"hits","looked":9000}\n' });
    });
    await page.locator('#filter input').fill('p');
    await page.getByText('Search all folders').click();
    await page.locator('#filter input').fill('photo');
    await page.locator('#filter input').fill('photos');
    await page.getByText('5,000 results in all folders. There are more results.').waitFor();
    assert.deepEqual(asked, ['photos']);
    assert.ok(await page.locator('.e').count() < 600);
  }));
