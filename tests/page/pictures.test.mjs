// Pictures in the viewer: how they load, and how one zooms and moves them.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { photos, project, write } from './support/fixture.mjs';
import { startLine } from './support/line.mjs';
import { newFolder, share } from './support/program.mjs';

let album;
let art;
let work;
before(async () => {
  await startBrowser();
  await visit('about:blank', {}, async (page) => {
    const folder = await photos(page, 3);
    const large = Buffer.from(await page.evaluate(drawLarge), 'base64');
    write(folder, 'Large 1.jpg', large);
    write(folder, 'Large 2.jpg', large);
    album = await share(folder);
    const transparent = newFolder('Artwork');
    for (const [name, colour] of [['dark', '#101418'], ['white', '#fff']]) {
      write(transparent, `${name}.png`, Buffer.from(await page.evaluate(drawRing, colour), 'base64'));
    }
    write(transparent, 'Covering.png', Buffer.from(await page.evaluate(drawRing, ''), 'base64'));
    art = await share(transparent);
  });
  work = await share(project());
});
after(async () => {
  for (const shared of [album, art, work]) await shared.stop();
  await stopBrowser();
});

// A picture of 2,400 × 1,600 pixels, more than a screen has.
function drawLarge() {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [2400, 1600];
  const pen = canvas.getContext('2d');
  const colours = pen.createLinearGradient(0, 0, 2400, 1600);
  colours.addColorStop(0, '#123');
  colours.addColorStop(1, '#fc9');
  pen.fillStyle = colours;
  pen.fillRect(0, 0, 2400, 1600);
  for (let n = 0; n < 9000; n++) {
    pen.fillStyle = `hsl(${n % 360},60%,50%)`;
    pen.fillRect((n * 337) % 2400, (n * 911) % 1600, 9, 9);
  }
  return canvas.toDataURL('image/jpeg', 0.95).split(',')[1];
}

// A ring on nothing, or a disc that leaves nothing free.
function drawRing(colour) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 500;
  const pen = canvas.getContext('2d');
  if (!colour) pen.fillRect(0, 0, 500, 500);
  pen.strokeStyle = colour || '#fff';
  pen.lineWidth = 60;
  pen.arc(250, 250, 190, 0, 7);
  pen.stroke();
  return canvas.toDataURL().split(',')[1];
}

const image = (page) => page.locator('.stage > img:not(.first)');
const isReady = (page, name) => page.locator(`.stage.zoomable > img[alt="${name}"]`).waitFor();
const box = (page) => image(page).boundingBox();
const near = (a, b) => assert.ok(Math.abs(a - b) < 1.5, `${a} is not ${b}`);

// What a touch screen reports; `time` is in seconds since 1970.
async function touches(page) {
  const session = await page.context().newCDPSession(page);
  return (type, places, time) => session.send('Input.dispatchTouchEvent', {
    type, touchPoints: places.map(([x, y], id) => ({ x, y, id })), timestamp: time,
  });
}
// Fingers on a touch screen: a list of their places for each moment.
async function fingers(page, ...moments) {
  const touch = await touches(page);
  await touch('touchStart', moments[0]);
  for (const places of moments.slice(1)) await touch('touchMove', places);
  await touch('touchEnd', []);
}
async function doubleTap(page, x, y) {
  const touch = await touches(page);
  // However long it takes to send them, the taps are 100 ms from each other.
  const start = Date.now() / 1000 - 0.2;
  for (const time of [start, start + 0.1]) {
    await touch('touchStart', [[x, y]], time);
    await touch('touchEnd', [], time + 0.02);
  }
}

test('on a phone two taps zoom a picture, and one finger moves it in all directions', () =>
  visit(`${album.url}?open=IMG_1001.jpg`, PHONE, async (page) => {
    await isReady(page, 'IMG_1001.jpg');
    const whole = await box(page);
    await doubleTap(page, 195, 400);
    const zoomed = await box(page);
    assert.ok(zoomed.width > 2 * whole.width, `${zoomed.width}`);
    // A finger that goes left and up takes the picture with it.
    await fingers(page, [[300, 500]], [[250, 470]], [[200, 440]]);
    const moved = await box(page);
    near(moved.x, zoomed.x - 100);
    near(moved.y, zoomed.y - 60);
    // It neither leaves the stage nor the picture.
    for (let n = 0; n < 12; n++) await fingers(page, [[380, 500]], [[200, 500]], [[10, 500]]);
    const edge = await box(page);
    near(edge.x + edge.width, 390);
    assert.equal(await page.locator('dialog h2').innerText(), 'IMG_1001.jpg');
    await screenshot(page, 'phone-picture-zoomed');
    await doubleTap(page, 195, 400);
    near((await box(page)).width, whole.width);
    // Now the finger leads to the next one.
    await fingers(page, [[320, 400]], [[200, 400]], [[80, 400]]);
    await isReady(page, 'IMG_1002.jpg');
  }));

test('two fingers zoom a picture between them', () => visit(`${album.url}?open=IMG_1001.jpg`, PHONE, async (page) => {
  await isReady(page, 'IMG_1001.jpg');
  const whole = await box(page);
  await fingers(page, [[175, 400], [215, 400]], [[155, 400], [235, 400]], [[115, 400], [275, 400]]);
  const zoomed = await box(page);
  near(zoomed.width, whole.width * 4);
  near(zoomed.x, 195 - (195 - whole.x) * 4);
  await fingers(page, [[115, 400], [275, 400]], [[175, 400], [215, 400]]);
  near((await box(page)).width, whole.width);
  assert.equal(await page.locator('dialog h2').innerText(), 'IMG_1001.jpg');
}));

test('the wheel zooms at the pointer, and the mouse moves the picture', () =>
  visit(`${album.url}?open=IMG_1001.jpg`, DESKTOP, async (page) => {
    await isReady(page, 'IMG_1001.jpg');
    const whole = await box(page);
    await page.mouse.move(500, 300);
    await page.mouse.wheel(0, -500);
    await page.locator('.stage.zoomed').waitFor();
    const zoomed = await box(page);
    const by = zoomed.width / whole.width;
    assert.ok(by > 2);
    near(zoomed.x, 500 - (500 - whole.x) * by);
    near(zoomed.y, 300 - (300 - whole.y) * by);
    await page.mouse.down();
    await page.mouse.move(600, 350, { steps: 4 });
    await page.mouse.up();
    const moved = await box(page);
    near(moved.x, zoomed.x + 100);
    near(moved.y, zoomed.y + 50);
    await page.keyboard.press('0');
    near((await box(page)).width, whole.width);
    await page.mouse.dblclick(500, 300);
    near((await box(page)).width, 1800);
  }));

test('a picture can be zoomed and moved with the keyboard', () =>
  visit(`${album.url}?open=IMG_1001.jpg`, DESKTOP, async (page) => {
    await isReady(page, 'IMG_1001.jpg');
    const whole = await box(page);
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    const zoomed = await box(page);
    near(zoomed.width, whole.width * 2.25);
    await page.keyboard.press('ArrowRight');
    near((await box(page)).x, zoomed.x - 80);
    await page.keyboard.press('ArrowDown');
    near((await box(page)).y, zoomed.y - 80);
    await page.keyboard.press('-');
    await page.keyboard.press('-');
    await page.keyboard.press('ArrowRight');
    await isReady(page, 'IMG_1002.jpg');
  }));

test('the viewer loads pictures as large as a screen, also the next and the previous one, and the file where one zooms further', () =>
  visit('about:blank', DESKTOP, async (page) => {
    const asked = [];
    page.on('request', (request) => {
      const found = /\/(Large%20\d)\.jpg($|\?preview)/.exec(request.url());
      if (found) asked.push(found[0]);
    });
    await page.goto(`${album.url}?open=Large%201.jpg`, { waitUntil: 'commit' });
    await isReady(page, 'Large 1.jpg');
    const size = () => image(page).evaluate(({ naturalWidth }) => naturalWidth);
    assert.equal(await size(), 2048);
    const whole = await box(page);
    await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('Large%202.jpg?preview')));
    assert.ok(!asked.includes('Large%201.jpg'), asked.join(' '));
    await page.mouse.move(500, 300);
    await page.mouse.wheel(0, -600);
    await page.waitForFunction(() => document.querySelector('.stage > img').naturalWidth === 2400);
    await page.keyboard.press('0');
    near((await box(page)).width, whole.width);
    await page.keyboard.press('ArrowRight');
    await isReady(page, 'Large 2.jpg');
  }));

test('a small picture is never shown larger than it is, and a large one at once', async () => {
  for (const [folder, name, first] of [[`${work.url}Photos/`, '2.png', 0], [album.url, 'Large 1.jpg', 1]]) {
    await visit(folder, DESKTOP, async (page) => {
      const open = page.locator('.e .open', { hasText: name });
      await open.waitFor();
      let go;
      const held = new Promise((resolve) => { go = resolve; });
      await page.route((url) => decodeURI(url.pathname).endsWith(`/${name}`) && !url.search.includes('thumbnail'), async (route) => {
        await held;
        await route.continue();
      });
      await open.click();
      await page.locator(first ? '.stage > img' : '.stage .wait').waitFor();
      assert.equal(await page.locator('.stage > img.first').count(), first);
      go();
      await isReady(page, name);
    });
  }
});

test('a lost connection is not blamed on the browser, and what failed is loaded when it is back', async () => {
  const line = await startLine(work.url);
  try {
    for (const [name, what] of [['logo.svg', '.stage > img'], ['Interview.wav', 'audio'], ['notes.txt', '.lines span'], ['README.md', 'dialog .prose']]) {
      await visit(line.url, DESKTOP, async (page) => {
        line.isDown = true;
        await page.locator('.e .open', { hasText: name }).click();
        await page.getByText('The connection was lost.').waitFor();
        assert.equal(await page.getByText("Your browser can't").count(), 0);
        if (what === 'audio') {
          await hasNoViolation(page);
          await screenshot(page, 'viewer-lost');
          line.isDown = false;
          await page.getByRole('button', { name: 'Try again' }).click();
        }
        // Nobody does anything.
        line.isDown = false;
        await page.locator(what).first().waitFor();
      }, () => true);
    }
  } finally {
    line.stop();
  }
});

test('the viewer says that a file is gone, and that a share has ended', async () => {
  const folder = newFolder('Short');
  write(folder, 'gone.mp3', Buffer.alloc(50_000, 1));
  write(folder, 'ended.png', Buffer.alloc(50_000, 1));
  const shared = await share(folder);
  const line = await startLine(shared.url);
  try {
    await visit(`${line.url}?view=list`, DESKTOP, async (page) => {
      fs.rmSync(path.join(folder, 'gone.mp3'));
      await page.locator('.e .open', { hasText: 'gone.mp3' }).click();
      await page.getByText('“gone.mp3” is no longer here.').waitFor();
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => !document.querySelector('dialog[open]'));
      line.rule = ({ url }) => (url.startsWith('/ended') ? { answer: { status: 410 } } : undefined);
      await page.locator('.e .open', { hasText: 'ended.png' }).click();
      await page.getByText('This is no longer shared.').waitFor();
    }, () => true);
  } finally {
    line.stop();
    await shared.stop();
  }
});

test('tiles that failed are loaded when the connection is back', async () => {
  const line = await startLine(album.url);
  try {
    let isDown = true;
    line.rule = ({ url, method }) => (isDown && (url.includes('?thumbnail') || method === 'HEAD') ? { answer: { status: 503 } } : undefined);
    const failed = line.next(({ method }) => method === 'HEAD');
    await visit(line.url, DESKTOP, async (page) => {
      await failed;
      assert.equal(await page.locator('.pic img.there').count(), 0);
      isDown = false;
      await page.waitForFunction(() => document.querySelectorAll('.pic img.there').length === 5);
    }, () => true);
  } finally {
    line.stop();
  }
});

test('dark and white artwork can be seen, on a ground of its own', () =>
  visit(art.url, { ...DESKTOP, colorScheme: 'dark' }, async (page) => {
    await page.waitForFunction(() => document.querySelectorAll('.pic img.there').length === 3);
    const grounds = await page.locator('.e .pic img').evaluateAll((all) => all.map(({ dataset }) => dataset.ground));
    assert.deepEqual(grounds, [undefined, 'light', 'dark']);
    await screenshot(page, 'artwork');
    await page.locator('.e .open', { hasText: 'dark.png' }).click();
    await page.locator('.stage > img.clear.light').waitFor();
    await screenshot(page, 'artwork-dark');
    await page.keyboard.press('ArrowRight');
    await page.locator('.stage > img.clear.dark').waitFor();
    await screenshot(page, 'artwork-white');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.locator('.stage > img[alt="Covering.png"]:not(.clear)').waitFor();
  }));

test('the focus is on something with a name, and leaves no trace until the visitor uses the keyboard', () =>
  visit(`${work.url}?open=notes.txt`, DESKTOP, async (page) => {
    await page.locator('.lines span').first().waitFor();
    const focused = () => page.evaluate(() => {
      const { activeElement: element } = document;
      return [element.getAttribute('role'), element.getAttribute('aria-labelledby'), getComputedStyle(element).boxShadow];
    });
    assert.deepEqual(await focused(), ['group', 'viewed', 'none']);
    assert.equal(await page.locator('dialog h2#viewed').innerText(), 'notes.txt');
  }));

test('a slideshow goes on by itself until the visitor does something', () => visit('about:blank', DESKTOP, async (page) => {
  await page.clock.install();
  await page.goto(`${album.url}?open=IMG_1001.jpg`, { waitUntil: 'commit' });
  await isReady(page, 'IMG_1001.jpg');
  await page.getByRole('button', { name: 'Slideshow' }).click();
  for (const name of ['IMG_1002.jpg', 'IMG_1003.jpg']) {
    await page.clock.fastForward(4100);
    await isReady(page, name);
  }
  await page.keyboard.press('ArrowLeft');
  await isReady(page, 'IMG_1002.jpg');
  assert.equal(await page.getByRole('button', { name: 'Slideshow' }).getAttribute('aria-pressed'), 'false');
  await page.clock.fastForward(30_000);
  assert.equal(await page.locator('dialog h2').innerText(), 'IMG_1002.jpg');
}));

test('a picture fills the whole screen, and is left with F', () => visit(`${album.url}?open=IMG_1001.jpg`, DESKTOP, async (page) => {
  await isReady(page, 'IMG_1001.jpg');
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement?.className === 'frame');
  await page.keyboard.press('ArrowRight');
  await isReady(page, 'IMG_1002.jpg');
  await screenshot(page, 'viewer-full');
  await page.keyboard.press('f');
  await page.waitForFunction(() => !document.fullscreenElement);
}));

test('information about a picture is beside it, and follows to the next', async () => {
  const line = await startLine(album.url);
  const facts = { width: 1800, height: 1200, camera: 'Nikon Z 6', taken: '2024-05-01T18:30:00', exposure: 0.004, aperture: 2.8, iso: 200, focal_length: 35, latitude: -33.8568, longitude: 151.215312 };
  try {
    for (const settings of [DESKTOP, { ...PHONE, colorScheme: 'dark' }]) {
      await visit('about:blank', settings, async (page) => {
        await page.route(/\?about/, (route) => route.fulfill({ json: route.request().url().includes('IMG_1001') ? facts : {} }));
        await page.goto(`${line.url}?open=IMG_1001.jpg`);
        await isReady(page, 'IMG_1001.jpg');
        await page.getByRole('button', { name: 'Information' }).click();
        const info = page.locator('.info');
        await info.getByText('1/250 s · f/2.8 · ISO 200 · 35 mm').waitFor();
        await info.getByText('Wednesday, May 1, 2024 at 6:30 PM').waitFor();
        await info.getByText('1,800 × 1,200').waitFor();
        await info.getByText('-33.85680, 151.21531').waitFor();
        await hasNoViolation(page);
        await screenshot(page, settings === DESKTOP ? 'viewer-information' : 'phone-information');
        await page.keyboard.press('ArrowRight');
        await isReady(page, 'IMG_1002.jpg');
        await info.getByText('Dimensions').waitFor();
        assert.equal(await info.getByText('Camera').count(), 0);
        assert.equal(await info.getByText('Place').count(), 0);
        await page.keyboard.press('i');
        await info.waitFor({ state: 'hidden' });
      });
    }
  } finally {
    line.stop();
  }
});

test('on a small phone with large text all buttons of the viewer can be reached', () =>
  visit(album.url, { ...PHONE, viewport: { width: 360, height: 740 } }, async (page) => {
    for (const size of ['100%', '200%']) {
      await page.evaluate((size) => { document.documentElement.style.fontSize = size; }, size);
      await page.locator('.e .open').first().click();
      await isReady(page, 'IMG_1001.jpg');
      for (const button of await page.locator('.bar .act, .act.side, .acts .act').filter({ visible: true }).all()) {
        const { x, y, width, height } = await button.boundingBox();
        assert.ok(x >= 0 && y >= 0 && x + width <= 360 && y + height <= 740, `${size}: ${await button.getAttribute('title')}`);
      }
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => !document.querySelector('dialog[open]'));
    }
  }));

test('what a short break of the connection has cost is loaded again', () => visit(album.url, DESKTOP, async (page) => {
  let breaks = 1;
  await page.route('**/IMG_1002.jpg', (route) => (breaks-- > 0 ? route.abort('connectionreset') : route.continue()));
  await page.locator('.e .open', { hasText: 'IMG_1002' }).click();
  await isReady(page, 'IMG_1002.jpg');
  assert.ok(breaks < 0);
}, () => true));
