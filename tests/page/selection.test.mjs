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

const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const toast = (page) => page.locator('.toast', { hasText: 'Link copied.' });

test('a link leads to the file, or to the folder with what is selected', () =>
  visit(shared.url, { ...DESKTOP, ...CLIPBOARD }, async (page) => {
    const copied = async (text = 'Link copied.') => {
      await page.locator('#picked').getByText('Copy link').click();
      await page.getByText(text).waitFor();
      return clipboard(page);
    };
    await row(page, 'notes.txt').hover();
    await row(page, 'notes.txt').locator('.pick').click();
    const one = await copied();
    assert.equal(one, `${shared.url}?open=notes.txt`);
    await row(page, 'main.rs').click();
    await row(page, 'Photos').click();
    await page.getByText('3 selected').waitFor();
    const several = await copied();
    assert.equal(several, `${shared.url}?only=notes.txt&only=main.rs&only=Photos/`);
    await page.goto(one);
    await page.locator('dialog[open] h2', { hasText: 'notes.txt' }).waitFor();
    await page.goto(several);
    await page.getByText('3 selected').waitFor();
    assert.deepEqual(await picked(page), ['Photos', 'main.rs', 'notes.txt']);
    assert.equal(await page.locator('.e').count(), 3);
    await page.getByText('3 of 15 shown').waitFor();
    assert.equal(await page.locator('.readme').isVisible(), false);
    await page.getByText('Download 5 files').waitFor();
    await screenshot(page, 'link-to-several');
    await hasNoViolation(page);
    // A look at one of them leads back to all of them.
    await page.goto(`${several}&open=main.rs`);
    await page.locator('dialog[open] h2', { hasText: 'main.rs' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('3 selected').waitFor();
    await page.getByText('Show all').click();
    assert.equal(await page.locator('.e').count(), 15);
    assert.equal(page.url(), shared.url);
  }));

test('what is in several folders, or too much for a link, is one zip, and the page says so', () =>
  visit(shared.url, { ...DESKTOP, ...CLIPBOARD }, async (page) => {
    await page.locator('#filter input').fill('n');
    await page.locator('#below').click();
    await page.locator('.e .in').first().waitFor();
    await row(page, 'main.rs').locator('.open').focus();
    await page.keyboard.press('x');
    const other = page.locator('.e', { has: page.locator('.in') }).first();
    await other.locator('.pick').click();
    await page.locator('#picked').getByText('Copy link').click();
    await page.getByText('It downloads these as one zip.').waitFor();
    const zip = Buffer.from(await (await fetch(await clipboard(page))).arrayBuffer()).toString('latin1');
    assert.ok(zip.includes('main.rs') && zip.includes('Photos/') && !zip.includes('plan.md'));
  }));

test('a link to what is gone says so, and shows the folder', () => visit(`${shared.url}?only=gone.txt`, DESKTOP, async (page) => {
  await page.getByText('“gone.txt” is no longer here').waitFor();
  assert.equal(await page.locator('.e').count(), 15);
}));

test('the link to a file is copied in its row, by a key, and in the viewer, or handed to the system', () =>
  visit('about:blank', { ...DESKTOP, ...CLIPBOARD }, async (page) => {
    await page.addInitScript(() => { navigator.share = async (what) => { globalThis.sent = what; }; });
    await page.goto(shared.url);
    await row(page, 'notes.txt').hover();
    await row(page, 'notes.txt').getByLabel('Copy the link to notes.txt').click();
    await toast(page).waitFor();
    assert.equal(await clipboard(page), `${shared.url}?open=notes.txt`);
    assert.equal(await page.locator('dialog[open], .picking').count(), 0);
    await screenshot(page, 'link-copied');
    await row(page, 'Photos').locator('.open').focus();
    await page.keyboard.press('c');
    await page.waitForFunction(() => navigator.clipboard.readText().then((text) => text.endsWith('/Photos/')));
    await row(page, 'main.rs').locator('.open').click();
    await page.locator('dialog').getByLabel('Copy link').click();
    await page.locator('dialog .toast').waitFor();
    assert.equal(await clipboard(page), `${shared.url}?open=main.rs`);
    await hasNoViolation(page);
    await page.locator('dialog').getByLabel('Share').click();
    await page.waitForFunction(() => globalThis.sent);
    assert.deepEqual(await page.evaluate(() => globalThis.sent), { title: 'main.rs', url: `${shared.url}?open=main.rs` });
  }));

test('without access to the clipboard, the link can be copied from a field', () => visit('about:blank', DESKTOP, async (page) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.goto(`${shared.url}?open=notes.txt`);
  await page.locator('dialog').getByLabel('Copy link').click();
  const field = page.locator('dialog .toast input');
  await field.waitFor();
  assert.equal(await field.inputValue(), `${shared.url}?open=notes.txt`);
  assert.ok(await field.evaluate((input) => input === document.activeElement && input.selectionEnd > 10));
}));
