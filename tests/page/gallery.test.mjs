// The gallery: thumbnails that load when needed.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, firstPaint, hasNoViolation, picturesAreLoaded, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { photos, video, withThumbnail, write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

const PHOTOS = 500;
const BYTES = 4_000_000;

let shared;
let folder;
before(async () => {
  await startBrowser();
  await visit('about:blank', {}, async (page) => { folder = await photos(page, PHOTOS, BYTES); });
  shared = await share(folder);
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

// Counts the bytes that are transferred.
async function countBytes(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const count = { bytes: 0 };
  session.on('Network.loadingFinished', ({ encodedDataLength }) => { count.bytes += encodedDataLength; });
  return count;
}

for (const [name, settings] of [['gallery', DESKTOP], ['phone-gallery', PHONE]]) {
  test(`500 photos of 4 MB open as a gallery of less than 8 MB (${name})`, () =>
    visit('about:blank', settings, async (page) => {
      const count = await countBytes(page);
      await page.goto(shared.url);
      await page.waitForLoadState('networkidle');
      await picturesAreLoaded(page, 8);
      assert.ok(await page.locator('body.gallery').count());
      const first = await page.locator('.e .pic img').count();
      assert.ok(first >= 8 && first < 100, `${first} pictures`);
      assert.ok(count.bytes < 8_000_000, `${count.bytes} bytes`);
      console.log(`# ${name}: ${count.bytes} bytes for ${first} pictures`);
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
      await page.waitForFunction((before) => document.querySelectorAll('.e .pic img').length > before, first);
      await page.evaluate(() => scrollTo(0, 0));
      await screenshot(page, name);
    }));
}

test('pictures of the gallery wait while a photo is open', () => visit(`${shared.url}?open=IMG_1003.jpg`, DESKTOP, async (page) => {
  await page.waitForFunction(() => document.querySelector('dialog .stage img')?.naturalWidth > 1000);
  await page.waitForLoadState('networkidle');
  assert.equal(await page.locator('.e .pic img').count(), 0);
  await page.keyboard.press('Escape');
  await picturesAreLoaded(page, 8);
}));

test('axe finds nothing in the gallery', () => visit(shared.url, { ...DESKTOP, colorScheme: 'dark' }, async (page) => {
  await picturesAreLoaded(page);
  await hasNoViolation(page);
  await screenshot(page, 'gallery-dark');
}));

test('a button switches between list and gallery, and the address bar remembers which', () =>
  visit(shared.url, DESKTOP, async (page) => {
    await page.getByRole('button', { name: 'List' }).click();
    assert.equal(new URL(page.url()).search, '?view=list');
    assert.equal(await page.locator('body.list').count(), 1);
    await screenshot(page, 'photos-as-list');
    await page.reload();
    assert.equal(await page.locator('body.list').count(), 1);
    assert.equal(await page.getByRole('button', { name: 'List' }).getAttribute('aria-pressed'), 'true');
    await page.getByRole('button', { name: 'Gallery' }).click();
    assert.equal(new URL(page.url()).search, '?view=gallery');
  }));

test('nothing moves while the gallery fills', () => visit('about:blank', DESKTOP, async (page) => {
  await page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => globalThis.shifts.push(entry.value)))
      .observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(shared.url);
  await page.waitForLoadState('networkidle');
  await picturesAreLoaded(page, 8);
  console.log(`# first contentful paint of the gallery after ${await firstPaint(page)} ms`);
  const shift = await page.evaluate(() => globalThis.shifts.reduce((sum, value) => sum + value, 0));
  assert.equal(shift, 0);
}));

test('a thumbnail is made once and kept on disk', async () => {
  const dir = path.join(shared.home, '.cache/spot-serve/thumbnails');
  const before = fs.readdirSync(dir).length;
  assert.ok(before > 0);
  const ask = () => fetch(`${shared.url}IMG_1500.jpg?thumbnail`);
  const first = await ask();
  assert.equal(first.headers.get('content-type'), 'image/jpeg');
  const bytes = Buffer.from(await first.arrayBuffer());
  assert.ok(bytes.length < 100_000);
  const kept = fs.readdirSync(dir).length;
  assert.deepEqual(Buffer.from(await (await ask()).arrayBuffer()), bytes);
  assert.equal(fs.readdirSync(dir).length, kept);
});

test('a camera\'s own thumbnail comes at once, and a sharper one for the tile in view', async () => {
  const pictures = newFolder('From a camera');
  await visit('about:blank', {}, async (page) => {
    const draw = (width, height, colour) => page.evaluate(([width, height, colour]) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      const pen = canvas.getContext('2d');
      pen.fillStyle = colour;
      pen.fillRect(0, 0, width, height);
      for (let n = 0; n < width; n += 3) pen.strokeRect(n, (n * 31) % height, 20, 20);
      return canvas.toDataURL('image/jpeg', 0.95).split(',')[1];
    }, [width, height, colour]).then((text) => Buffer.from(text, 'base64'));
    const photo = withThumbnail(await draw(1500, 1000, '#357'), await draw(159, 106, '#753'));
    for (let n = 1; n <= 4; n++) write(pictures, `${n}.jpg`, photo);
  });
  const other = await share(pictures);
  try {
    await visit('about:blank', PHONE, async (page) => {
      const asked = [];
      page.on('request', (request) => {
        const found = /(\d)\.jpg\?(thumbnail[=a-z]*)/.exec(request.url());
        if (found) asked.push(found[2]);
      });
      await page.goto(other.url);
      await page.waitForFunction(() => [...document.querySelectorAll('.e .pic img.there')].filter((image) => image.naturalWidth === 480).length === 4);
      assert.equal(await page.locator('.e .pic img').count(), 4);
      assert.deepEqual(asked.slice(0, 4), Array(4).fill('thumbnail'));
      assert.deepEqual(asked.slice(4), Array(4).fill('thumbnail=sharp'));
    });
    const own = Buffer.from(await (await fetch(`${other.url}1.jpg?thumbnail`)).arrayBuffer());
    assert.ok(own.length < 20_000);
  } finally {
    await other.stop();
  }
});

test('a WebP has a thumbnail, too', async () => {
  const pictures = newFolder('WebP');
  await visit('about:blank', {}, async (page) => {
    const drawn = await page.evaluate(() => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [1500, 1000];
      const pen = canvas.getContext('2d');
      for (let n = 0; n < 4000; n++) {
        pen.fillStyle = `hsl(${n % 360},80%,${30 + n % 50}%)`;
        pen.fillRect((n * 97) % 1500, (n * 61) % 1000, 60, 40);
      }
      return canvas.toDataURL('image/webp', 0.9).split(',')[1];
    });
    for (let n = 1; n <= 4; n++) write(pictures, `${n}.webp`, Buffer.from(drawn, 'base64'));
  });
  const other = await share(pictures);
  try {
    await visit(other.url, DESKTOP, async (page) => {
      await page.waitForFunction(() => document.querySelectorAll('.e .pic img').length === 4);
      await picturesAreLoaded(page);
      const [source, width] = await page.locator('.e .pic img').first().evaluate((image) => [image.src, image.naturalWidth]);
      // Small enough for a screen with one pixel per point.
      assert.match(source, /1\.webp\?thumbnail=small&/);
      assert.equal(width, 312);
      const [jpeg, webp] = await Promise.all(['image/*', 'image/webp'].map((Accept) => fetch(source, { headers: { Accept } })));
      assert.equal(jpeg.headers.get('content-type'), 'image/jpeg');
      assert.equal(webp.headers.get('content-type'), 'image/webp');
      assert.ok((await webp.arrayBuffer()).byteLength < (await jpeg.arrayBuffer()).byteLength);
      await screenshot(page, 'gallery-webp');
    });
  } finally {
    await other.stop();
  }
});

test('without JavaScript the gallery shows pictures, too', async () => {
  let few;
  await visit('about:blank', {}, async (page) => { few = await share(await photos(page, 5)); });
  try {
    await visit(few.url, { ...DESKTOP, javaScriptEnabled: false }, async (page) => {
      const image = page.locator('.e .pic img').first();
      assert.ok((await image.boundingBox()).width > 100);
      assert.equal(await image.evaluate((element) => element.decode().then(() => element.naturalWidth)), 480);
      await screenshot(page, 'gallery-no-script');
    });
  } finally {
    await few.stop();
  }
});

test('tiles are as large as the visitor wants, and show whole photos, in other folders too', async () => {
  let few;
  await visit('about:blank', {}, async (page) => {
    const folder = await photos(page, 12);
    fs.mkdirSync(path.join(folder, 'Later'));
    fs.copyFileSync(path.join(folder, 'IMG_1001.jpg'), path.join(folder, 'Later/IMG_2001.jpg'));
    few = await share(folder);
  });
  const tile = (page) => page.locator('.e.picture .pic').first();
  const width = async (page) => (await tile(page).boundingBox()).width;
  const fit = (page) => tile(page).locator('img').first().evaluate((image) => getComputedStyle(image).objectFit);
  try {
    for (const [name, settings] of [['tiles', DESKTOP], ['phone-tiles', PHONE], ['tiles-arabic', { ...DESKTOP, locale: 'ar' }]]) {
      await visit(`${few.url}?view=gallery`, settings, async (page) => {
        const before = await width(page);
        await page.locator('#options').click();
        const panel = page.locator('.options');
        await panel.locator('[value=small]').check();
        assert.ok(await width(page) < before);
        await panel.locator('[value=large]').check();
        assert.ok(await width(page) > before);
        assert.equal(await fit(page), 'cover');
        await panel.locator('[type=checkbox]').check();
        assert.equal(await fit(page), 'contain');
        const [box, { width: room }] = [await panel.boundingBox(), page.viewportSize()];
        assert.ok(box.x >= 0 && box.x + box.width <= room, `${box.x} to ${box.x + box.width} of ${room}`);
        await screenshot(page, name);
        await hasNoViolation(page);
        await page.keyboard.press('Escape');
        await panel.waitFor({ state: 'hidden' });
        assert.equal(new URL(page.url()).search, '?view=gallery&tiles=large&whole=1');
        assert.ok(await tile(page).locator('..').locator('..').locator('time').isVisible());
        // As before in another folder, and after a reload.
        const large = await width(page);
        await page.locator('.folder .open').click();
        await page.getByText('IMG_2001').waitFor();
        assert.equal(await width(page), large);
        assert.equal(await fit(page), 'contain');
        await page.reload();
        assert.equal(await width(page), large);
      });
    }
  } finally {
    await few.stop();
  }
});

test('a video has a picture of its own as its tile, and few are loaded for that', async () => {
  const films = newFolder('Films');
  await visit('about:blank', {}, async (page) => {
    const film = await video(page);
    for (let n = 1; n <= 5; n++) write(films, `${n}.webm`, film);
  });
  write(films, 'broken.mp4', Buffer.alloc(9_000, 'no film'));
  const other = await share(films);
  try {
    await visit('about:blank', DESKTOP, async (page) => {
      let most = 0;
      await page.exposeFunction('counted', (count) => { most = Math.max(most, count); });
      await page.addInitScript(() => {
        let count = 0;
        const { load } = HTMLMediaElement.prototype;
        const { set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'src');
        Object.defineProperty(HTMLMediaElement.prototype, 'src', { set(value) { globalThis.counted(count += 1); set.call(this, value); } });
        HTMLMediaElement.prototype.load = function ends() { count -= 1; load.call(this); };
      });
      await page.goto(`${other.url}?view=gallery`);
      const images = page.locator('.video .pic img.there');
      await page.waitForFunction(() => document.querySelectorAll('.video .pic img.there').length === 5);
      const colour = await images.first().evaluate((image) => {
        const canvas = document.createElement('canvas');
        const pen = canvas.getContext('2d');
        pen.drawImage(image, 0, 0);
        return [image.naturalWidth, ...pen.getImageData(20, 20, 1, 1).data];
      });
      assert.equal(colour[0], 640);
      assert.ok(colour[2] > 90 && colour[1] < 90, `${colour}`);
      assert.equal(most, 2);
      await screenshot(page, 'gallery-videos');
      // The choices are there, too, although their part has come before.
      await page.locator('#options').click();
      await page.locator('.options').waitFor();
      await hasNoViolation(page);
    });
    // Those who pay for each byte get icons.
    await visit('about:blank', DESKTOP, async (page) => {
      let asked = 0;
      await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
      page.on('request', (request) => { asked += /\.webm$/.test(request.url()); });
      await page.goto(`${other.url}?view=gallery`);
      await page.waitForLoadState('networkidle');
      assert.equal(asked, 0);
    });
  } finally {
    await other.stop();
  }
});
