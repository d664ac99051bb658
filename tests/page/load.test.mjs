// The cost of a first visit, as Lighthouse would measure it: requests, bytes, shifts and paint.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, firstPaint, picturesAreLoaded, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { photos, project, write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

// Everything a page needs, compressed: markup, style, script, icons and some rows.
const PAGE_BYTES = 40_000;

let list;
let gallery;
before(async () => {
  await startBrowser();
  list = await share(project());
  await visit('about:blank', {}, async (page) => { gallery = await share(await photos(page, 48)); });
});
after(async () => {
  await list.stop();
  await gallery.stop();
  await stopBrowser();
});

// Visits a page for the first time, scrolls through it, and returns what that cost.
const firstVisit = async (url, settings, line) => {
  const took = { documents: 0, others: [], page: 0, bytes: 0, shifts: [], paint: 0 };
  await visit('about:blank', settings, async (page, context) => {
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    if (line) await session.send('Network.emulateNetworkConditions', { offline: false, ...line });
    const types = new Map();
    session.on('Network.responseReceived', ({ requestId, type }) => types.set(requestId, type));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      took.bytes += encodedDataLength;
      if (types.get(requestId) === 'Document') took.page += encodedDataLength;
    });
    page.on('request', (request) => {
      if (new URL(request.url()).protocol === 'data:') return;
      if (request.resourceType() === 'document') took.documents += 1;
      else took.others.push(`${request.resourceType()} ${request.method()} ${new URL(request.url()).search.replace(/&.*/, '')}`);
    });
    await page.addInitScript(() => {
      globalThis.shifts = [];
      const place = ({ left, top, width, height }) => [left, top, width, height].join(' ');
      new PerformanceObserver((entries) => entries.getEntries().forEach((entry) => {
        for (const { node, previousRect, currentRect } of entry.sources) {
          globalThis.shifts.push(`${node?.outerHTML?.slice(0, 80) ?? node?.nodeName}: ${place(previousRect)} to ${place(currentRect)}`);
        }
      })).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(url);
    await page.waitForLoadState('networkidle');
    await picturesAreLoaded(page);
    took.paint = await firstPaint(page);
    // Draws a frame, so that its shifts have been reported.
    took.shifts = await page.evaluate(() => new Promise((resolve) =>
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(globalThis.shifts)))));
  });
  return took;
};

for (const [name, settings] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  test(`a list is one small response, and nothing on it moves (${name})`, async () => {
    const took = await firstVisit(list.url, settings);
    console.log(`# list, ${name}: ${took.bytes} bytes, first contentful paint after ${took.paint} ms`);
    assert.equal(took.documents, 1);
    // The total is requested if the page could not include it, and a picture that fails is asked about.
    const isExpected = (other) => /^fetch GET \?total$|^fetch HEAD $|^image /.test(other);
    assert.ok(took.others.every(isExpected), took.others.join('\n'));
    assert.ok(took.page > 0 && took.page < PAGE_BYTES, `${took.page} bytes`);
    assert.deepEqual(took.shifts, []);
  });

  test(`a gallery needs only its thumbnails, and nothing on it moves (${name})`, async () => {
    const took = await firstVisit(gallery.url, settings);
    console.log(`# gallery, ${name}: ${took.bytes} bytes, first contentful paint after ${took.paint} ms`);
    assert.equal(took.documents, 1);
    assert.ok(took.others.length > 0);
    assert.ok(took.others.every((other) => /^image GET \?thumbnail(=small)?$/.test(other)), took.others.join('\n'));
    assert.ok(took.page > 0 && took.page < PAGE_BYTES, `${took.page} bytes`);
    assert.ok(took.bytes < 2_000_000, `${took.bytes} bytes`);
    assert.deepEqual(took.shifts, []);
  });
}

// Like "slow 3G" in Chromium's tools: 2 s round trip, 50 kB/s.
const SLOW_3G = { latency: 2000, downloadThroughput: 50_000, uploadThroughput: 50_000 };

test('over a slow connection the list is complete with its first response, and nothing moves', async () => {
  const took = await firstVisit(list.url, { ...PHONE, locale: 'ar' }, SLOW_3G);
  console.log(`# list over a slow 3G: first contentful paint after ${took.paint} ms`);
  assert.equal(took.documents, 1);
  assert.deepEqual(took.shifts, []);
});

test('a size that arrives late moves nothing', async () => {
  const folder = newFolder('Much');
  fs.mkdirSync(path.join(folder, 'Many'));
  for (let n = 0; n < 2100; n++) write(path.join(folder, 'Many'), `${n}.txt`, 'x'.repeat(500));
  const much = await share(folder);
  try {
    for (const settings of [DESKTOP, { ...PHONE, locale: 'fr' }, { ...DESKTOP, locale: 'ar' }, { ...PHONE, locale: 'ja' }]) {
      const took = await firstVisit(much.url, settings);
      assert.deepEqual(took.others, ['fetch GET ?total']);
      assert.deepEqual(took.shifts, [], settings.locale);
    }
  } finally {
    await much.stop();
  }
});
