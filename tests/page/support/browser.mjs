// A browser that watches every page for errors, and for requests to other servers.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import playwright from 'playwright-core';
import { isOfPicture } from './firefox.mjs';
import { screenshots } from './program.mjs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Chromium without what draws windows: the same engine for half of the work. A page in it may use
// the clipboard only if the test permits it.
export const HEADLESS_SHELL = process.env.CHROMIUM ?? '/usr/lib/chromium/chromium-headless-shell';

let browser;
let isFirefox = false;
export async function startBrowser(args = [], executablePath = HEADLESS_SHELL) {
  browser = await playwright.chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
  });
}

// Starts the engine that is named `chromium` or `firefox`.
export async function startEngine(engine) {
  isFirefox = engine === 'firefox';
  if (!isFirefox) return startBrowser();
  // The Firefox of the system, which Playwright's own protocol doesn't drive.
  browser = await playwright._bidiFirefox.launch({ executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr' });
}
export const stopBrowser = () => browser.close();

export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = {
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true,
};

// Opens a page, passes it to `work`, and then asserts that nothing went wrong on it. `mayFail` is for
// addresses that are expected to fail.
export async function visit(url, settings, work, mayFail = () => false) {
  const common = { locale: 'en-US', timezoneId: 'UTC', reducedMotion: 'reduce', acceptDownloads: true, ...DESKTOP };
  // The way Firefox is driven knows few settings.
  const context = await browser.newContext(isFirefox ? { ...DESKTOP, ...settings } : { ...common, ...settings });
  context.setDefaultTimeout(Number(process.env.PATIENCE_MS ?? 120_000));
  const page = await context.newPage();
  const wrong = [];
  // Only requests to the first address are expected.
  let origin = null;
  page.on('pageerror', ({ message }) => {
    if (!(isFirefox && isOfPicture(message))) wrong.push(`error: ${message}`);
  });
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (!mayFail(message.location().url)) wrong.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    // A test may expect it.
    if (page.onDialog) return page.onDialog(dialog);
    wrong.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  page.on('request', (request) => {
    const other = new URL(request.url());
    // The browser's own parts, such as its PDF viewer, are not requests to a server.
    if (/^(data|blob|about|chrome|chrome-extension):$/.test(other.protocol)) return;
    origin ??= other.origin;
    if (other.origin !== origin) wrong.push(`request to ${request.url()}`);
  });
  try {
    await page.goto(url);
    await work(page, context);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
}

export async function screenshot(page, name) {
  await picturesAreLoaded(page);
  await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
}

// Waits until every thumbnail in view has loaded, and at least this many.
export async function picturesAreLoaded(page, least = 0) {
  await page.waitForFunction((least) => {
    const images = [...document.querySelectorAll('.e .pic img')];
    return images.length >= least && images.every((image) => image.complete);
  }, least);
}

// When the first content was painted, in milliseconds after the page was requested.
export async function firstPaint(page) {
  const paint = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  return Math.round(await paint.jsonValue());
}

// Asserts that axe finds no violation of WCAG 2.2, levels A and AA.
export async function hasNoViolation(page) {
  // Bypasses the page's own policy, as an extension would.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' ')}`);
  assert.deepEqual(told, []);
}

export const names = (page) => page.locator('.e bdi').allTextContents();
