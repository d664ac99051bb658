// Selecting files and folders: by mouse, keys and fingers; one zip, and links.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { project } from './support/fixture.mjs';
import { share } from './support/program.mjs';

let shared;
before(async () => {
  await startBrowser();
  shared = await share(project());
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

// The bar lies over rows, except at the end.
const toTheEnd = (page) => page.evaluate(() => scrollTo(0, document.body.scrollHeight));
const row = (page, name) => page.locator('.e', { has: page.getByText(name, { exact: true }) });
const get = (page) => page.locator('#picked .button', { hasText: 'Download' });
const picked = (page) => page.locator('.e.picked .open').evaluateAll((links) => links.map((link) => link.title));

async function saved(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), get(page).click()]);
  const bytes = fs.readFileSync(await download.path());
  return { name: download.suggestedFilename(), bytes: bytes.toString('latin1') };
}

test('a range of files and a folder become one zip', () => visit(shared.url, DESKTOP, async (page) => {
  await row(page, 'Backup.zip').hover();
  await row(page, 'Backup.zip').locator('.pick').click();
  await page.getByText('1 selected').waitFor();
  await row(page, 'Budget 10.xlsx').locator('.pick').click({ modifiers: ['Shift'] });
  await page.getByText('4 selected').waitFor();
  assert.deepEqual(await picked(page), ['Backup.zip', 'broken.jpg', 'Budget 2.xlsx', 'Budget 10.xlsx']);
  assert.match(await get(page).innerText(), /Download 4 files\s+2\.7 MB/);
  // A click on a row selects it, too. What is in a folder, the server says.
  await row(page, 'Photos').click();
  await page.getByText('Download 7 files').waitFor();
  await row(page, 'Backup.zip').click();
  await row(page, 'broken.jpg').click();
  await page.getByText('3 selected').waitFor();
  await screenshot(page, 'selection');
  await toTheEnd(page);
  await hasNoViolation(page);
  const { name, bytes } = await saved(page);
  assert.match(name, /\.zip$/);
  for (const file of ['Budget 2.xlsx', 'Budget 10.xlsx', 'Photos/1.png', 'Photos/3.png']) assert.ok(bytes.includes(file), file);
  for (const file of ['Backup.zip', 'broken.jpg', 'main.rs']) assert.ok(!bytes.includes(file), file);
  await page.keyboard.press('Escape');
  assert.deepEqual(await picked(page), []);
  assert.equal(await page.locator('#picked').isVisible(), false);
}));

test('the focus and the boxes of rows follow what is selected', () => visit(shared.url, DESKTOP, async (page) => {
  const every = page.locator('#picked').getByRole('button', { name: 'Select all' });
  await row(page, 'main.rs').locator('.open').focus();
  await page.keyboard.press('x');
  await every.press('Enter');
  await page.getByText('15 selected').waitFor();
  const isFocused = (label) => page.waitForFunction((label) => document.activeElement.getAttribute('aria-label') === label, label);
  await isFocused('Clear selection');
  await page.keyboard.press('Enter');
  await isFocused('Select');
  // More is selected than the filter leaves, but not that.
  await row(page, 'main.rs').locator('.open').focus();
  await page.keyboard.press('x');
  await row(page, 'plan.md').locator('.pick').click();
  await page.locator('#filter input').fill('notes');
  await every.click();
  await page.getByText('3 selected').waitFor();
  await page.getByLabel('Clear selection').click();
  await page.locator('#filter input').fill('');
  const boxes = await page.locator('.pick').evaluateAll((all) => all.map((each) => each.tabIndex));
  assert.deepEqual(boxes, boxes.map(() => -1));
}));

test('keys select: X one row, Ctrl+A all, Esc none', () => visit(shared.url, DESKTOP, async (page) => {
  await row(page, 'main.rs').locator('.open').focus();
  await page.keyboard.press('x');
  await page.getByText('1 selected').waitFor();
  assert.deepEqual(await picked(page), ['main.rs']);
  assert.equal((await saved(page)).name, 'main.rs');
  await page.keyboard.press('Control+a');
  await page.getByText('15 selected').waitFor();
  await page.keyboard.press('Escape');
  assert.deepEqual(await picked(page), []);
  // While the visitor types, the keys are letters.
  await page.locator('#filter input').fill('');
  await page.keyboard.type('x?');
  assert.equal(await page.locator('#filter input').inputValue(), 'x?');
  await page.locator('#filter input').fill('');
  await page.locator('#all').focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await hasNoViolation(page);
  await screenshot(page, 'keys');
}));

test('a finger that stays selects, and taps add to it', () => visit(shared.url, PHONE, async (page) => {
  await row(page, 'notes.txt').scrollIntoViewIfNeeded();
  const { x, y } = await row(page, 'notes.txt').boundingBox();
  const client = await page.context().newCDPSession(page);
  const touch = (type) => client.send('Input.dispatchTouchEvent', {
    type, touchPoints: type === 'touchStart' ? [{ x: x + 150, y: y + 20 }] : [],
  });
  await touch('touchStart');
  await page.getByText('1 selected').waitFor();
  await touch('touchEnd');
  await row(page, 'main.rs').tap();
  await page.getByText('2 selected').waitFor();
  assert.equal(await page.locator('dialog[open]').count(), 0);
  await screenshot(page, 'phone-selection');
  await toTheEnd(page);
  await hasNoViolation(page);
  await page.getByLabel('Clear selection').tap();
  await row(page, 'main.rs').tap();
  await page.locator('dialog[open]').waitFor();
}));

test('a link leads to the file, or to a zip of the selection', () =>
  visit(shared.url, { ...DESKTOP, permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    const copied = async () => {
      await page.getByText('Copy link').click();
      await page.getByText('Link copied.').waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    await row(page, 'notes.txt').hover();
    await row(page, 'notes.txt').locator('.pick').click();
    const one = await copied();
    assert.equal(one, `${shared.url}?open=notes.txt`);
    await row(page, 'main.rs').click();
    await page.getByText('2 selected').waitFor();
    const zip = Buffer.from(await (await fetch(await copied())).arrayBuffer()).toString('latin1');
    assert.ok(zip.includes('notes.txt') && zip.includes('main.rs') && !zip.includes('plan.md'));
    await page.goto(one);
    await page.locator('dialog[open] h2', { hasText: 'notes.txt' }).waitFor();
  }));
