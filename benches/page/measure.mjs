// What a visitor waits for and fetches. Each measurement is a first visit with a browser of its own cache.

import { createRequire } from 'node:module';
import { startLine } from './line.mjs';
import { memory } from './servers.mjs';

const { chromium } = createRequire(new URL('../../tests/page/package.json', import.meta.url))('playwright-core');

export const SLOW = { bitsPerSecond: 1_600_000, roundTrip: 50 };
// How long a visitor waits, in milliseconds.
export const PATIENCE = Number(process.env.PATIENCE_MS ?? 120_000);
const SCREEN = { width: 1280, height: 800 };

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});

/** Visits a server through a line, and passes `work` what it needs to measure. */
async function visit(server, running, speed, address, work) {
  const line = Object.assign(await startLine(running.port, speed), { waiting: 0 });
  const context = await browser.newContext({ viewport: SCREEN, locale: 'en-US', reducedMotion: 'reduce' });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const requests = [];
  context.on('request', (request) => {
    if (!request.url().startsWith('http')) return;
    requests.push(request);
    line.waiting += 1;
  });
  for (const event of ['requestfinished', 'requestfailed']) context.on(event, () => { line.waiting -= 1; });
  try {
    await page.addInitScript(watchFirst, server.entry);
    await page.goto(line.url + address, { waitUntil: 'commit' });
    return await work(page, line, requests);
  } finally {
    await context.close();
    line.stop();
  }
}

// Runs in the page: notes when the first entry has been painted, in milliseconds after the page was requested.
function watchFirst(selector) {
  const look = () => {
    const first = document.querySelector(selector)?.getBoundingClientRect();
    const isSeen = first && first.height > 0 && first.top < innerHeight;
    // The task after a frame's callbacks begins when the frame has been drawn.
    if (isSeen) setTimeout(() => { globalThis.firstSeen = performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

// Waits until nothing is asked for and nothing has come for a second.
async function isQuiet(line) {
  const begun = performance.now();
  for (let bytes = -1; bytes !== line.down.bytes || line.waiting > 0; ) {
    if (performance.now() - begun > PATIENCE) return;
    bytes = line.down.bytes;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const firstSeen = async (page) => (await page.waitForFunction(() => globalThis.firstSeen)).jsonValue();

/** An ordinary folder: requests and bytes of a first view, and when the first entry is there. */
export async function firstView(server, running, speed) {
  return visit(server, running, speed, '', async (page, line, requests) => {
    const seen = await firstSeen(page);
    await isQuiet(line);
    return { requests: requests.length, bytes: line.down.bytes, seen };
  });
}

/** A very long folder: when the first rows are there, and what it takes in memory. */
export async function longView(server, running) {
  return visit(server, running, {}, '', async (page, line) => {
    const seen = await firstSeen(page);
    await isQuiet(line);
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    await session.send('Performance.enable');
    const { metrics } = await session.send('Performance.getMetrics');
    const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize').value;
    const elements = await page.evaluate(() => document.getElementsByTagName('*').length);
    return { seen, server: memory(running.pid), heap, elements, bytes: line.down.bytes };
  });
}

/** A folder of photos on a slow line: when all pictures of the first screen are there, and what they are. */
export async function galleryView(server, running) {
  if (!server.tile) return {};
  return visit(server, running, SLOW, server.pictures, async (page, line, requests) => {
    const there = await tilesAre(page, server.tile, 0);
    const thereBytes = line.down.bytes;
    const sharp = await tilesAre(page, server.tile, 1);
    const sharpBytes = line.down.bytes;
    await isQuiet(line);
    const pictures = await picturesOf(requests);
    const first = pictures.filter(({ name }) => name === pictures[0].name);
    return {
      tiles: there.tiles, there: there.at, thereBytes, sharp: sharp.at, sharpBytes,
      coarseBytes: first[0].bytes, tileBytes: first.at(-1).bytes, kind: `${sharp.size}, ${first.at(-1).kind}`,
    };
  });
}

/**
 * The same folder: when a photo is sharp that a visitor opens as soon as the first screen is there. Where a
 * server has no view for pictures, its visitor opens the file.
 */
export async function photoView(server, running) {
  return visit(server, running, SLOW, server.pictures ?? '', async (page, line) => {
    if (server.tile) await tilesAre(page, server.tile, 0);
    else await firstSeen(page);
    const before = line.down.bytes;
    const begun = performance.now();
    await (server.tile ? page.evaluate(clickFirst, server.tile) : page.goto(`${line.url}IMG_1001.jpg`, { waitUntil: 'commit' }));
    const width = await page.waitForFunction((selector) => {
      const image = document.querySelector(selector);
      return image?.complete && image.naturalWidth >= innerWidth * devicePixelRatio && image.naturalWidth;
    }, server.photo);
    const opened = performance.now() - begun;
    return { opened, openedBytes: line.down.bytes - before, openedWidth: await width.jsonValue() };
  });
}

function clickFirst(selector) {
  const first = document.querySelector(selector);
  (first.closest('a') ?? first.querySelector('a')).click();
}

// Waits until each tile on the screen has a picture, with at least so many pixels for each that it fills.
const tilesAre = async (page, selector, sharpness) => (await page.waitForFunction(([selector, sharpness]) => {
  const tiles = [...document.querySelectorAll(selector)].filter((tile) => {
    const { top, bottom } = tile.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
  const isThere = (tile) => {
    const image = [...tile.querySelectorAll('img')].at(-1);
    if (!image?.complete || image.naturalWidth < 2) return false;
    return Math.min(image.naturalWidth / image.width, image.naturalHeight / image.height) >= sharpness;
  };
  if (!tiles.length || !tiles.every(isThere)) return false;
  const at = performance.now();
  const { naturalWidth, naturalHeight, width, height } = [...tiles[0].querySelectorAll('img')].at(-1);
  return { at, tiles: tiles.length, size: `${naturalWidth} × ${naturalHeight} shown in ${width} × ${height}` };
}, [selector, sharpness])).jsonValue();

// The file, kind and size of each picture that was fetched.
async function picturesOf(requests) {
  const pictures = requests.filter((request) => request.resourceType() === 'image' && /IMG_/.test(request.url()));
  return Promise.all(pictures.map(async (request) => {
    const kind = (await request.response()).headers()['content-type'];
    const { responseBodySize: bytes } = await request.sizes();
    return { name: new URL(request.url()).pathname, kind, bytes };
  }));
}
