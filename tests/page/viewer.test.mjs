// The viewer: all kinds of files, keyboard, touch, the address bar and going back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { photos, project, wav, write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

let work;
let album;
before(async () => {
  await startBrowser();
  const folder = project();
  write(folder, 'Concert.wav', wav(600));
  work = await share(folder);
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

test('arrow keys move through pictures, and Esc leads back to the list', () =>
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

test('a click or Enter shows a picture at full size, and another fits it again', () =>
  visit(album.url, DESKTOP, async (page) => {
    await open(page, 'IMG_1002.jpg');
    const zoomable = (name) => page.locator(`.stage.zoomable > img[alt="${name}"]`).waitFor();
    await zoomable('IMG_1002.jpg');
    const box = () => page.locator('.stage > img').boundingBox();
    const width = async () => Math.round((await box()).width);
    const whole = await width();
    assert.ok(whole < 1280);
    await page.mouse.click(900, 600);
    assert.equal(await width(), 1800);
    assert.ok((await box()).x < -100);
    await page.mouse.click(900, 600);
    assert.equal(await width(), whole);
    await page.keyboard.press('Enter');
    assert.equal(await width(), 1800);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await zoomable('IMG_1003.jpg');
    assert.ok(await width() < 1200);
  }));

test('closing twice does not leave the folder', () => visit('about:blank', DESKTOP, async (page) => {
  await page.goto(album.url);
  await open(page, 'IMG_1004.jpg');
  await picture(page, 'IMG_1004.jpg');
  await page.evaluate(() => {
    const close = document.querySelector('.bar button');
    close.click();
    close.click();
  });
  await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  // Any mistake would happen while going back, which ends before the next step.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  assert.equal(page.url(), album.url);
  for (let presses = 0; presses < 3; presses++) {
    await open(page, 'IMG_1002.jpg');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog[open]') && !location.search);
  }
  await page.waitForURL(album.url);
}));

test('a picture stays open after a reload, and back still leads to the list', () =>
  visit(album.url, DESKTOP, async (page) => {
    await open(page, 'IMG_1003.jpg');
    await page.reload();
    await picture(page, 'IMG_1003.jpg');
    await page.goBack();
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
    assert.equal(page.url(), album.url);
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

test('a swipe moves through pictures', () => visit(album.url, PHONE, async (page) => {
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

test('on a right-to-left page the next picture comes from the left', () =>
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
  assert.match(number, /attr\(data-n\)|"2"/);
  await hasNoViolation(page);
  await screenshot(page, 'viewer-code');
}));

test('text in a legacy encoding can be read', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'old.txt');
  await page.getByText('café').waitFor();
}));

test('Markdown is rendered, and its links to shared files open here', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'README.md');
  await page.locator('dialog .prose h2').waitFor();
  assert.equal(await page.locator('dialog .prose').locator('script, img').count(), 0);
  await hasNoViolation(page);
  await screenshot(page, 'viewer-markdown');
  await page.locator('dialog').getByRole('link', { name: 'plan' }).click();
  await page.getByText('On time.').waitFor();
  assert.equal(asked(page), '?open=plan.md');
}));

test('a file opens where the browser allows no more changes of the address', () => visit(work.url, DESKTOP, async (page) => {
  await page.evaluate(() => {
    history.pushState = () => { throw new DOMException('too often', 'SecurityError'); };
  });
  await open(page, 'plan.md');
  await page.getByText('On time.').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog[open]'));
}));

test('a file that may not be read is not said to be gone', () => visit(work.url, DESKTOP, async (page) => {
  await page.route('**/plan.md*', (route) => route.fulfill({ status: 403 }));
  await open(page, 'plan.md');
  await page.getByRole('alert').getByText("This can't be opened.").waitFor();
}, (url) => url.includes('plan.md')));

test('audio plays', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'Interview.wav');
  await page.waitForFunction(() => document.querySelector('audio')?.readyState >= 1);
  assert.equal(Math.round(await page.evaluate(() => document.querySelector('audio').duration)), 2);
  await screenshot(page, 'viewer-audio');
}));

test('audio plays from any position without loading everything before it', () => visit(work.url, DESKTOP, async (page) => {
  const ranges = [];
  page.on('request', (request) => {
    if (request.url().endsWith('Concert.wav')) ranges.push(request.headers().range);
  });
  await open(page, 'Concert.wav');
  await page.waitForFunction(() => document.querySelector('audio')?.readyState >= 1);
  await page.evaluate(() => { document.querySelector('audio').currentTime = 500; });
  await page.waitForFunction(() => {
    const audio = document.querySelector('audio');
    return !audio.seeking && audio.readyState >= 2 && audio.currentTime === 500;
  });
  assert.ok(ranges.some((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1]) > 3_000_000), ranges.join(' '));
}));

test('a video plays', async () => {
  const folder = newFolder('Films');
  await visit('about:blank', {}, async (page) => {
    const film = await page.evaluate(async () => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [320, 180];
      const pen = canvas.getContext('2d');
      const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: 'video/webm' });
      const pieces = [];
      recorder.ondataavailable = ({ data }) => pieces.push(data);
      recorder.start(100);
      for (let n = 0; pieces.reduce((sum, { size }) => sum + size, 0) < 5000; n++) {
        pen.fillStyle = `hsl(${n * 9},70%,50%)`;
        pen.fillRect(0, 0, 320, 180);
        pen.fillStyle = '#fff';
        pen.fillRect((n * 7) % 320, 60, 60, 60);
        await new Promise(requestAnimationFrame);
      }
      recorder.stop();
      await new Promise((resolve) => { recorder.onstop = resolve; });
      const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      return btoa(text);
    });
    write(folder, 'Waves.webm', Buffer.from(film, 'base64'));
  });
  const films = await share(folder);
  try {
    await visit(films.url, DESKTOP, async (page) => {
      await open(page, 'Waves.webm');
      await page.waitForFunction(() => document.querySelector('video')?.readyState >= 2);
      assert.equal(await page.evaluate(() => document.querySelector('video').videoWidth), 320);
      await hasNoViolation(page);
      await screenshot(page, 'viewer-video');
    });
  } finally {
    await films.stop();
  }
});

test('a PDF is shown in its own frame', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'Contract.pdf');
  const frame = page.locator('dialog iframe, dialog .card');
  await frame.waitFor();
  await screenshot(page, 'viewer-pdf');
}));

test('on a phone a PDF opens in its own tab, because phones don\'t embed PDFs', () =>
  visit(work.url, PHONE, async (page, context) => {
    await page.locator('.e .open', { hasText: 'Contract.pdf' }).tap();
    const way = page.locator('.card a').first();
    assert.equal(await way.innerText(), 'Open in a new tab');
    assert.equal(await way.getAttribute('target'), '_blank');
    assert.equal(await page.locator('iframe').count(), 0);
    const asked = context.waitForEvent('request', (request) => request.url().endsWith('/Contract.pdf'));
    await way.tap();
    await asked;
  }));

test('photos that no browser shows are listed, and offered for download', async () => {
  const folder = newFolder('From a phone');
  for (const name of ['IMG_1.HEIC', 'IMG_2.HEIC', 'IMG_3.heif', 'scan.tiff', 'raw.NEF']) write(folder, name, Buffer.alloc(3000, 7));
  const shared = await share(folder);
  try {
    await visit(shared.url, PHONE, async (page) => {
      assert.equal(await page.locator('body.list').count(), 1);
      for (const name of ['IMG_1.HEIC', 'scan.tiff', 'raw.NEF']) {
        await open(page, name);
        await page.getByText("Your browser can't show this file.").waitFor();
        assert.equal(await page.locator('.card .button').count(), 1);
        await page.getByLabel('Close').tap();
        await page.waitForFunction(() => !document.querySelector('dialog[open]'));
      }
    }, (url) => /HEIC|tiff|NEF/.test(url));
  } finally {
    await shared.stop();
  }
});

test('an SVG is shown as a picture, and its script never runs', () => visit(work.url, DESKTOP, async (page) => {
  await open(page, 'logo.svg');
  await picture(page, 'logo.svg');
  await screenshot(page, 'viewer-svg');
}));

const broken = (url) => /broken|Trailer/.test(url);

test('files that the browser can\'t show can be downloaded instead', () => visit(work.url, DESKTOP, async (page) => {
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

test('every file has a view in the page, whatever its name says', async () => {
  const folder = newFolder('From the office');
  write(folder, 'Contract.docx', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(3000)]));
  write(folder, 'Invitation.ics', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n');
  write(folder, 'settings.jsonc', '{ // a comment\n}\n');
  write(folder, 'notes', 'no extension\n'.repeat(2000));
  write(folder, 'dump', Buffer.alloc(9000, 1));
  const shared = await share(folder);
  try {
    await visit(`${shared.url}?open=Contract.docx`, DESKTOP, async (page) => {
      await page.locator('.card', { hasText: /Document · 3\.0 kB · now/ }).waitFor();
      await hasNoViolation(page);
      await screenshot(page, 'viewer-card');
      for (const [name, text] of [
        ['dump', /^File · 9\.0 kB/], ['Invitation.ics', /BEGIN:VCALENDAR/], ['notes', /no extension/], ['settings.jsonc', /a comment/],
      ]) {
        await page.keyboard.press('ArrowRight');
        await page.locator('.stage :is(.card, .lines)', { hasText: text }).waitFor();
        assert.equal(await title(page), name);
      }
      await page.keyboard.press('Escape');
      await page.getByText('settings.jsonc').first().click();
      await page.locator('.stage .lines').waitFor();
      assert.equal(new URL(page.url()).pathname, new URL(shared.url).pathname);
    });
  } finally {
    await shared.stop();
  }
});
