// A browser whose every page is watched: errors, and requests to anywhere else.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { screenshots } from './program.mjs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
export async function startBrowser(args = []) {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
  });
}
export const stopBrowser = () => browser.close();

export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = {
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true,
};

// Opens a page, hands it to `work`, and afterwards makes sure that nothing went wrong on it.
// `mayFail` is for addresses whose failure is the test's own business.
export async function visit(url, settings, work, mayFail = () => false) {
  const context = await browser.newContext({
    locale: 'en-US', timezoneId: 'UTC', reducedMotion: 'reduce', acceptDownloads: true, ...DESKTOP, ...settings,
  });
  context.setDefaultTimeout(Number(process.env.PATIENCE_MS ?? 120_000));
  const page = await context.newPage();
  const wrong = [];
  // The first to be asked is the one to be asked.
  let origin = null;
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (!mayFail(message.location().url)) wrong.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => {
    const other = new URL(request.url());
    // The browser's own parts, such as its PDF viewer, are no requests to anybody.
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

// Until every small picture that is in view has come, and at least so many.
export async function picturesAreLoaded(page, least = 0) {
  await page.waitForFunction((least) => {
    const images = [...document.querySelectorAll('.e .pic img')];
    return images.length >= least && images.every((image) => image.complete);
  }, least);
}

// When the first content was painted, in milliseconds after the page was asked for.
export async function firstPaint(page) {
  const paint = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  return Math.round(await paint.jsonValue());
}

// No violation of the WCAG 2.2, levels A and AA, that can be found by machine.
export async function hasNoViolation(page) {
  // As an extension would, past the page's own policy.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' ')}`);
  assert.deepEqual(told, []);
}

export const names = (page) => page.locator('.e bdi').allTextContents();
