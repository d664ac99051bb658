// The page as a remote visitor sees it: through cloudflared and the loopback edge, over TLS.
//
// Runs only in its own network namespace, which tests/page/run.sh creates.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { DESKTOP, names, picturesAreLoaded, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { skip, startEdge } from './support/edge.mjs';
import { photos } from './support/fixture.mjs';
import { share } from './support/program.mjs';

let edge;
let shared;
before(async () => {
  if (skip) return;
  edge = await startEdge();
  await startBrowser(edge.browserArgs);
  await visit('about:blank', {}, async (page) => {
    shared = await share.online(await photos(page, 12), edge.variables);
  });
});
after(async () => {
  if (skip) return;
  await shared.stop();
  await stopBrowser();
  edge.stop();
});

test('the link opens as a gallery, and its pictures in the viewer', { skip }, () =>
  visit(shared.link, DESKTOP, async (page) => {
    assert.match(shared.link, /^https:\/\/.*trycloudflare\.com/);
    assert.equal((await names(page)).length, 12);
    await picturesAreLoaded(page);
    const picture = await page.locator('meta[property="og:image"]').getAttribute('content');
    assert.ok(picture.startsWith(shared.link));
    await page.locator('.e .open').nth(1).click();
    await page.locator('.stage > img[alt="IMG_1002.jpg"]').waitFor();
    await screenshot(page, 'edge-viewer');
    await page.goBack();
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#all').click()]);
    assert.equal(fs.readFileSync(await download.path()).subarray(0, 2).toString(), 'PK');
  }));
