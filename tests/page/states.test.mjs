// Every state of the page, checked for accessibility, with screenshots for people to look at.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, picturesAreLoaded, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { photos, project } from './support/fixture.mjs';
import { share } from './support/program.mjs';

let work;
let album;
before(async () => {
  await startBrowser();
  work = await share(project());
  await visit('about:blank', {}, async (page) => { album = await share(await photos(page, 30)); });
});
after(async () => {
  await work.stop();
  await album.stop();
  await stopBrowser();
});

const ARABIC = { ...PHONE, locale: 'ar-EG' };
const DARK = { colorScheme: 'dark' };
const open = (name) => async (page) => {
  await page.locator('.e .open', { hasText: name }).first().click();
  await page.locator('dialog[open] .stage > :not(.wait)').first().waitFor();
};
const filter = (text) => async (page) => {
  await page.locator('#filter input').fill(text);
  await page.locator('#status:not(:empty)').waitFor();
};
const missing = (url) => url.endsWith('/missing');

for (const [name, settings, url, act] of [
  ['list in dark on a phone', { ...PHONE, ...DARK }, () => work.url],
  ['filter on a phone', PHONE, () => work.url, filter('no such')],
  ['filter in dark', { ...DESKTOP, ...DARK }, () => work.url, filter('budget')],
  ['gallery on a phone', PHONE, () => album.url],
  ['gallery in Arabic', { ...DESKTOP, locale: 'ar' }, () => album.url],
  ['list in Arabic', { ...DESKTOP, locale: 'ar-EG' }, () => work.url],
  ['list in Arabic on a phone', ARABIC, () => work.url],
  ['list in Japanese', { ...DESKTOP, locale: 'ja' }, () => work.url],
  ['folders in Arabic', { ...DESKTOP, locale: 'ar' }, () => `${work.url}Photos/?view=list`],
  ['folders above on a phone', PHONE, () => `${work.url}Photos/`],
  ['viewer of a picture on a phone', PHONE, () => album.url, open('IMG_1003')],
  ['viewer of a picture in Arabic', ARABIC, () => album.url, open('IMG_1002')],
  ['viewer of code in dark', { ...DESKTOP, ...DARK }, () => work.url, open('main.rs')],
  ['viewer of code on a phone', PHONE, () => work.url, open('main.rs')],
  ['viewer of Markdown on a phone', PHONE, () => work.url, open('README.md')],
  ['viewer of Markdown in dark', { ...DESKTOP, ...DARK }, () => work.url, open('README.md')],
  ['viewer of sound on a phone', PHONE, () => work.url, open('Interview.wav')],
  ['viewer of a PDF on a phone', PHONE, () => work.url, open('Contract.pdf')],
  ['viewer of what cannot be shown', DESKTOP, () => work.url, open('broken.jpg')],
  ['link to a file that is gone', PHONE, () => `${work.url}?open=gone%20away.jpg`],
  ['error in dark', { ...DESKTOP, ...DARK }, () => `${work.url}missing`],
  ['error in Arabic', ARABIC, () => `${work.url}missing`],
  ['empty in dark on a phone', { ...PHONE, ...DARK }, () => `${work.url}Nothing%20yet/`],
  ['half the room', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }, () => work.url],
  ['half the room, viewer', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }, () => album.url, open('IMG_1004')],
  ['very narrow', { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2 }, () => work.url],
]) {
  test(`axe finds nothing, and everything fits: ${name}`, () => visit(url(), settings, async (page) => {
    await act?.(page);
    await picturesAreLoaded(page);
    await hasNoViolation(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    await screenshot(page, `state-${name.toLowerCase().replace(/[^a-z]+/g, '-')}`);
  }, (asked) => missing(asked) || /broken/.test(asked)));
}

// Touch targets, except links inside text, which WCAG exempts.
const small = (page) => page.evaluate(() => {
  const root = document.querySelector('dialog[open]') ?? document;
  return [...root.querySelectorAll('a, button, input, summary')].flatMap((target) => {
    if (target.closest('.prose') || !target.checkVisibility({ visibilityProperty: true })) return [];
    let { width, height } = target.getBoundingClientRect();
    // The whole row leads to its file.
    if (target.matches('.list .open')) ({ width, height } = target.closest('.e').getBoundingClientRect());
    return Math.min(width, height) < 44 ? [`${Math.round(width)} x ${Math.round(height)}: ${target.outerHTML.slice(0, 90)}`] : [];
  });
});

test('on a phone nothing is too small for a finger', async () => {
  for (const [url, act] of [
    [work.url], [`${work.url}Photos/`], [album.url], [album.url, open('IMG_1001')], [work.url, open('main.rs')],
    [work.url, open('Contract.pdf')], [`${work.url}missing`],
  ]) {
    await visit(url, PHONE, async (page) => {
      await act?.(page);
      assert.deepEqual(await small(page), [], url);
    }, missing);
  }
});

test('the whole row leads to its file, including its age', () => visit(work.url, DESKTOP, async (page) => {
  const row = page.locator('.e', { hasText: 'notes.txt' });
  for (const part of ['.size', 'time', '.kind']) {
    await row.scrollIntoViewIfNeeded();
    const place = await row.locator(part).boundingBox();
    await page.mouse.click(place.x + place.width / 2, place.y + place.height / 2);
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  }
}));
