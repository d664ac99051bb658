// Hostile names: whatever a file is called, its name is only text.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, names, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { HOSTILE, hostile } from './support/fixture.mjs';
import { share } from './support/program.mjs';

let shared;
before(async () => {
  await startBrowser();
  shared = await share(hostile());
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

const shown = (name) => Buffer.from(name).toString().replace(/[\n\u202e]/g, '\ufffd');

test('every name is shown unchanged, and nothing in it runs', () => visit(shared.url, DESKTOP, async (page) => {
  const there = (await names(page)).sort();
  assert.deepEqual(there, HOSTILE.map(shown).sort());
  assert.equal(await page.locator('h1').innerText(), '<b>"Shared"&');
  assert.equal(await page.locator('.e img, h1 b').count(), 0);
  await hasNoViolation(page);
  await screenshot(page, 'hostile');
}));

test('every name opens its own file in the viewer, from the list and by URL', () =>
  visit(shared.url, DESKTOP, async (page) => {
    const links = await page.locator('.e').evaluateAll((rows) => rows.map((row) => row.querySelector('.open').getAttribute('href')));
    assert.equal(links.length, HOSTILE.length);
    let viewed = 0;
    for (const link of links) {
      const response = await fetch(new URL(link, shared.url));
      assert.equal(await response.text(), '<script>alert(1)</script>\n', link);
      await page.goto(`${shared.url}?open=${link.slice(2)}`);
      await page.locator('dialog .lines span, dialog .card').first().waitFor();
      const [text] = await page.locator('dialog .lines').allTextContents();
      if (text === undefined) continue;
      viewed += 1;
      assert.equal(text, '<script>alert(1)</script>');
    }
    // The program has a card.
    assert.equal(viewed, links.length - 1);
  }));

test('long and hostile names fit a phone', () => visit(shared.url, PHONE, async (page) => {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await screenshot(page, 'phone-hostile');
}));

test('a hostile page opened directly can\'t act as the list', () =>
  visit(shared.url, DESKTOP, async (page) => {
    await page.getByText('onerror').click();
    await page.locator('.lines span').first().waitFor();
    await screenshot(page, 'viewer-hostile');
  }));

test('programs get the names as raw bytes', async () => {
  const { entries } = await (await fetch(`${shared.url}?json`)).json();
  const bytes = entries.map(({ name, bytes }) => (bytes ? Buffer.from(bytes, 'base64') : Buffer.from(name)).toString('hex'));
  assert.deepEqual(bytes.sort(), HOSTILE.map((name) => Buffer.from(name).toString('hex')).sort());
});
