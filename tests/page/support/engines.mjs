// One small interface to three browser engines.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import playwright from 'playwright-core';
import { HEADLESS_SHELL } from './browser.mjs';
import { newFolder, screenshots } from './program.mjs';
import { isOfPicture } from './firefox.mjs';
import { openWebKit } from './webkit.mjs';

export const ENGINES = ['chromium', 'firefox', 'webkit'];

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const PATIENCE = Number(process.env.PATIENCE_MS ?? 30_000);

// Opens an engine with one page. `goto`, `evaluate`, `click`, `press` (a key), `fill`, `choose` (a file),
// `size`, `waitFor` (a function in the page, with values) and `close` do what they say.
export async function openEngine(name, settings = {}) {
  const page = await (name === 'webkit' ? openWebKit(settings) : openPlaywright(name, settings));
  const waitFor = async (work, ...values) => {
    for (const end = Date.now() + PATIENCE; ;) {
      // While one page follows another, neither answers.
      if (await page.evaluate(work, ...values).catch(() => false)) return;
      assert.ok(Date.now() < end, `${name} waited in vain for ${work} ${values}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  return {
    ...page,
    name,
    waitFor,
    // Waits for an element that is shown and has this text. (Of rows that are not in view yet, WebKit has
    // no `innerText`.)
    sees: (selector, text = '') => waitFor((selector, text) => [...document.querySelectorAll(selector)].some((each) =>
      each.checkVisibility() && each.textContent.includes(text)), selector, text),
    text: (selector) => page.evaluate((selector) => document.querySelector(selector).innerText, selector),
    picture: (about) => page.picture(path.join(screenshots, `${name}-${about}.png`)),
    // Asserts that axe finds no violation of WCAG 2.2, levels A and AA.
    hasNoViolation: async (about) => {
      await page.run(axe);
      const told = await page.evaluate(async (runOnly) => {
        // What fades in has its colours at the end.
        await Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {})));
        const { violations } = await globalThis.axe.run(document, { runOnly });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(' ')}`);
      }, WCAG);
      assert.deepEqual(told, [], `${name}, ${about}`);
    },
  };
}

async function openPlaywright(name, { dark = false, languages }) {
  const isFirefox = name === 'firefox';
  const browser = isFirefox
    ? await playwright._bidiFirefox.launch({
      executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
      firefoxUserPrefs: { 'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1 },
    })
    : await playwright.chromium.launch({
      executablePath: HEADLESS_SHELL, args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
  const context = await browser.newContext(isFirefox ? {} : { locale: 'en-US', colorScheme: dark ? 'dark' : 'light' });
  context.setDefaultTimeout(PATIENCE);
  if (languages) {
    await context.addInitScript((languages) => {
      Object.defineProperty(Navigator.prototype, 'languages', { get: () => languages });
    }, languages);
  }
  const page = await context.newPage();
  const wrong = [];
  page.on('pageerror', ({ message }) => { if (!(isFirefox && isOfPicture(message))) wrong.push(message); });
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    // The page of an error, or one that asks for a password, is one itself.
    if (!/status of (401|404|503)/.test(message.text())) wrong.push(message.text());
  });
  const first = (selector) => page.locator(selector).first();
  return {
    goto: (url) => page.goto(url),
    evaluate: (work, ...values) => page.evaluate(`(${work})(...${JSON.stringify(values)})`),
    // Bypasses the page's own policy, as an extension would.
    run: (script) => page.evaluate(script),
    click: (selector) => first(selector).click(),
    press: (key) => page.keyboard.press(key),
    fill: (selector, text) => first(selector).fill(text),
    choose: (selector, file) => first(selector).setInputFiles(file),
    size: (width, height) => page.setViewportSize({ width, height }),
    picture: (file) => page.screenshot({ path: file }),
    errors: async () => wrong,
    close: () => browser.close(),
  };
}

// A video of a second, drawn and recorded by Chromium.
export async function video(engine, name = 'film.webm') {
  const data = await engine.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [160, 90];
    const pen = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
    const pieces = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    const ended = new Promise((resolve) => { recorder.onstop = resolve; });
    recorder.start();
    for (let n = 0; n < 25; n++) {
      pen.fillStyle = `hsl(${n * 14}, 70%, 50%)`;
      pen.fillRect(0, 0, 160, 90);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    return btoa(String.fromCharCode(...bytes));
  });
  const file = path.join(newFolder('Film'), name);
  fs.writeFileSync(file, Buffer.from(data, 'base64'));
  return file;
}
