// Videos and sounds: captions, places, speed, keys, and music as an album.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, screenshot, startBrowser, startEngine, stopBrowser, visit } from './support/browser.mjs';
import { wav, write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

const SRT = '\ufeff1\r\n00:00:00,000 --> 00:00:59,500\r\n<font color="red">Guten <i>Tag</i></font>\r\n\r\n2\r\n00:01:00,000 --> 01:00:00,000\r\nZwei\r\nZeilen\r\n';

let album;
let films;
before(async () => {
  await startBrowser();
  const music = newFolder('An album');
  write(music, '01 First.wav', wav(1));
  write(music, '02 Second.wav', wav(300));
  write(music, '03 Third.wav', wav(2));
  album = await share(music);
  const folder = newFolder('Films');
  // A film whose picture the browser can't decode: it plays the sound, and has no picture.
  write(folder, 'Film.mp4', wav(300));
  write(folder, 'Film.de.srt', SRT);
  // In the encoding of old Windows programs.
  write(folder, 'Film.fr.vtt', Buffer.from('WEBVTT\n\n00:00.000 --> 00:59.000\n\xc0 bient\xf4t\n', 'latin1'));
  write(folder, 'Filmed.en.srt', SRT);
  films = await share(folder);
});
after(async () => {
  for (const shared of [album, films]) await shared.stop();
  await stopBrowser();
});

const title = (page) => page.locator('dialog h2').innerText();
const hasBegun = (page, tag) => page.waitForFunction((tag) => document.querySelector(tag)?.readyState >= 1, tag);
const media = (page, tag, read) => page.evaluate(`(${read})(document.querySelector('${tag}'))`);

test('a video without a picture says so, and offers the file', () => visit(`${films.url}?open=Film.mp4`, DESKTOP, async (page) => {
  await page.getByText("can't show its picture").waitFor();
  assert.equal(await page.locator('.card a').getAttribute('href'), './Film.mp4?download');
  await screenshot(page, 'viewer-no-picture');
  await hasNoViolation(page);
}));

test('files beside a video are its captions, in the language of their names', () =>
  visit(`${films.url}?open=Film.mp4`, DESKTOP, async (page) => {
    await hasBegun(page, 'video');
    const tracks = await media(page, 'video', '(video) => [...video.textTracks].map(({ label, language }) => [label, language])');
    assert.deepEqual(tracks, [['German', 'de'], ['French', 'fr']]);
    await media(page, 'video', "(video) => { video.textTracks[0].mode = 'showing'; }");
    await page.waitForFunction(() => document.querySelector('video').textTracks[0].cues?.length === 2);
    const cues = await media(page, 'video', '(video) => [...video.textTracks[0].cues].map(({ startTime, endTime, text }) => [startTime, endTime, text])');
    assert.deepEqual(cues, [[0, 59.5, 'Guten <i>Tag</i>'], [60, 3600, 'Zwei\nZeilen']]);
    await media(page, 'video', "(video) => { video.textTracks[1].mode = 'showing'; }");
    await page.waitForFunction(() => document.querySelector('video').textTracks[1].cues?.[0]?.text === 'À bientôt');
  }));

test('a video goes on where the visitor stopped', () => visit(`${films.url}?open=Film.mp4`, DESKTOP, async (page) => {
  await hasBegun(page, 'video');
  await media(page, 'video', '(video) => { video.currentTime = 100; }');
  await page.waitForFunction(() => localStorage.length === 1);
  await page.reload();
  await page.waitForFunction(() => document.querySelector('video')?.currentTime === 100);
}));

test('keys play a video, mute it and skip, and its speed stays for the next', () =>
  visit(`${films.url}?open=Film.mp4`, DESKTOP, async (page) => {
    await hasBegun(page, 'video');
    await page.keyboard.press('Space');
    // A video that is paused before its first moment was shown stays at 0.
    await page.waitForFunction(() => document.querySelector('video').currentTime > 0);
    await page.keyboard.press('m');
    assert.equal(await media(page, 'video', '(video) => video.muted'), true);
    await page.keyboard.press('Space');
    await page.waitForFunction(() => document.querySelector('video').paused);
    const before = await media(page, 'video', '(video) => video.currentTime');
    await page.keyboard.press('ArrowRight');
    assert.ok(await media(page, 'video', '(video) => video.currentTime') >= before + 4.9);
    await page.getByLabel('Speed').selectOption('1.5');
    assert.equal(await media(page, 'video', '(video) => video.playbackRate'), 1.5);
    // In the menu, the arrow keys are its own.
    await page.getByLabel('Speed').press('ArrowRight');
    assert.equal(await title(page), 'Film.mp4');
  }));

test('the tracks of an album play one after the other', () => visit(album.url, DESKTOP, async (page) => {
  await page.locator('.e .open').first().click();
  await hasBegun(page, 'audio');
  assert.equal(await page.locator('.tracks li').count(), 3);
  await hasNoViolation(page);
  await page.keyboard.press('Space');
  await page.waitForFunction(() => document.querySelector('dialog h2').innerText === '02 Second.wav');
  await page.waitForFunction(() => document.querySelector('audio').currentTime > 0 && !document.querySelector('audio').paused);
  await page.waitForURL('**/?open=02%20Second.wav');
  assert.equal(await page.evaluate(() => navigator.mediaSession.metadata.title), '02 Second');
  await screenshot(page, 'viewer-album');
  await page.locator('.tracks button', { hasText: '03 Third' }).click();
  assert.equal(await title(page), '03 Third.wav');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  // Nothing plays on.
  assert.equal(await page.evaluate(() => navigator.mediaSession.metadata), null);
}));

test('an album fits a phone', () => visit(`${album.url}?open=02%20Second.wav`, { ...PHONE, locale: 'ar', colorScheme: 'dark' }, async (page) => {
  await hasBegun(page, 'audio');
  await screenshot(page, 'phone-album-ar');
  await hasNoViolation(page);
}));

test('in Firefox a sound leaves no gap', async () => {
  await stopBrowser();
  await startEngine('firefox');
  await visit(`${album.url}?open=02%20Second.wav`, DESKTOP, async (page) => {
    await hasBegun(page, 'audio');
    const { height } = await page.locator('audio').boundingBox();
    assert.equal(height, 40);
  });
});
