// The viewer: every kind of file, keyboard, touch, the address bar and the way back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { photos, project } from './support/fixture.mjs';
import { share } from './support/program.mjs';

let work;
let album;
before(async () => {
  await startBrowser();
  work = await share(project());
  await visit('about:blank', {}, async (page) => { album = await share(await photos(page, 8)); });
});
after(async () => {
  await work.stop();
  await album.stop();
  await stopBrowser();
});

const open = (page, name) => page.locator('.e .open', { hasText: name }).first().click();
const title = (page) => page.locator('dialog h2').innerText();
const asked = (page) => new URL(page.url()).search;
const picture = (page, name) => page.locator(`.stage > img[alt="${name}"]`).waitFor();

test('pictures are walked through by keyboard, and Esc leads back to the list', () =>
  visit(album.url, DESKTOP, async (page) => {
    await page.locator('.e .open').first().focus();
    await page.keyboard.press('Enter');
    await picture(page, 'IMG_1001.jpg');
    assert.equal(asked(page), '?open=IMG_1001.jpg');
    await hasNoViolation(page);
    await screenshot(page, 'viewer');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await picture(page, 'IMG_1003.jpg');
    assert.equal(asked(page), '?open=IMG_1003.jpg');
    await page.keyboard.press('ArrowLeft');
    await picture(page, 'IMG_1002.jpg');
    assert.match(await page.locator('.bar p').innerText(), /^2 of 8/);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
    assert.equal(asked(page), '');
    const focused = await page.evaluate(() => document.activeElement.title);
    assert.equal(focused, 'IMG_1002.jpg');
  }));

test('back leads from a picture to the list, and forward to the picture', () =>
  visit(album.url, DESKTOP, async (page) => {
    await open(page, 'IMG_1004.jpg');
    await picture(page, 'IMG_1004.jpg');
    await page.goBack();
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
    await page.goForward();
    await picture(page, 'IMG_1004.jpg');
  }));

test('a link to an open picture shows it, and closing it leaves the visitor in the list', () =>
  visit(`${album.url}?sort=-name&open=IMG_1005.jpg`, DESKTOP, async (page) => {
    await picture(page, 'IMG_1005.jpg');
    assert.equal(await page.title(), 'IMG_1005.jpg');
    await page.getByLabel('Next').click();
    await picture(page, 'IMG_1004.jpg');
    await page.getByLabel('Close').click();
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
    assert.equal(asked(page), '?sort=-name');
    assert.equal(await page.title(), 'Summer in the Alps');
  }));

async function swipe(page, from, to) {
  const session = await page.context().newCDPSession(page);
  const touch = (type, x) => session.send('Input.dispatchTouchEvent', { type, touchPoints: x === null ? [] : [{ x, y: 400 }] });
  await touch('touchStart', from);
  for (let part = 1; part <= 4; part++) await touch('touchMove', from + ((to - from) * part) / 4);
  await touch('touchEnd', null);
}

test('pictures are walked through by swipe', () => visit(album.url, PHONE, async (page) => {
  await page.locator('.e .open').first().tap();
  await picture(page, 'IMG_1001.jpg');
  await swipe(page, 320, 80);
  await picture(page, 'IMG_1002.jpg');
  await screenshot(page, 'phone-viewer');
  await swipe(page, 80, 320);
  await picture(page, 'IMG_1001.jpg');
  await swipe(page, 80, 320);
  assert.equal(await title(page), 'IMG_1001.jpg');
}));

test('in a page from right to left the next picture comes from the left', () =>
  visit(album.url, { ...PHONE, locale: 'ar' }, async (page) => {
    await page.locator('.e .open').first().tap();
    await picture(page, 'IMG_1001.jpg');
    await swipe(page, 80, 320);
    await picture(page, 'IMG_1002.jpg');
    await screenshot(page, 'phone-viewer-ar');
  }));

test('source code has line numbers and stays text', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'main.rs');
  const lines = page.locator('.lines span');
  await lines.first().waitFor();
  assert.equal(await lines.count(), 60);
  assert.equal(await lines.nth(1).innerText(), '    println!("<b>hello</b>");');
  const number = await lines.nth(1).evaluate((line) => getComputedStyle(line, '::before').content);
  assert.match(number, /counter/);
  await hasNoViolation(page);
  await screenshot(page, 'viewer-code');
}));

test('text in the encoding of old programs can be read', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'old.txt');
  await page.getByText('café').waitFor();
}));

test('Markdown is rendered, and its links to files here open here', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'README.md');
  await page.locator('dialog .prose h2').waitFor();
  assert.equal(await page.locator('dialog .prose').locator('script, img').count(), 0);
  await hasNoViolation(page);
  await screenshot(page, 'viewer-markdown');
  await page.locator('dialog').getByRole('link', { name: 'plan' }).click();
  await page.getByText('On time.').waitFor();
  assert.equal(asked(page), '?open=plan.md');
}));

test('sound is played', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'Interview.wav');
  await page.waitForFunction(() => document.querySelector('audio')?.readyState >= 1);
  assert.equal(Math.round(await page.evaluate(() => document.querySelector('audio').duration)), 2);
  await screenshot(page, 'viewer-audio');
}));

test('a PDF is shown in a frame of its own', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'Contract.pdf');
  const frame = page.locator('dialog iframe, dialog .card');
  await frame.waitFor();
  await screenshot(page, 'viewer-pdf');
}));

test('a drawing is a picture, and its script is never run', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'logo.svg');
  await picture(page, 'logo.svg');
  await screenshot(page, 'viewer-svg');
}));

const broken = (url) => /broken|Trailer/.test(url);

test('what the browser cannot show can be downloaded instead', () => visit(work.url, DESKTOP, async (page) => {
  for (const name of ['broken.jpg', 'Trailer.webm']) {
    await open(page, name);
    await page.getByText("Your browser can't show this file.").waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.card .button').click()]);
    assert.equal(download.suggestedFilename(), name);
    await screenshot(page, 'viewer-cannot');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  }
}, broken));
