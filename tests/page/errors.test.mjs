// What visitors see when there are too many of them, and when the share has ended.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

const SERVED = 480;
const NOBODY = /spot.?serve|cloudflare|actix|tunnel/i;

let folder;
before(async () => {
  await startBrowser();
  folder = newFolder('Holiday');
  write(folder, 'a.txt');
  // More than a connection buffers while nobody reads.
  write(folder, 'large.bin', Buffer.alloc(24 << 20));
});
after(stopBrowser);

// A visitor with one connection, which stays open between requests.
function visitor() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const get = (url) => new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers: { accept: 'text/html' } }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve({
        status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces),
      }));
    });
    request.on('error', reject);
  });
  // Starts a download and reads none of it.
  const begin = (url) => new Promise((resolve, reject) => {
    http.get(url, { agent }, (response) => {
      response.on('error', () => {});
      resolve(response.statusCode);
    }).on('error', reject);
  });
  return { get, begin, leave: () => agent.destroy() };
}

test('when there are too many visitors, a browser gets a page that says so', async () => {
  const shared = await share(folder);
  const crowd = Array.from({ length: SERVED }, visitor);
  try {
    for (const each of crowd) assert.equal(await each.begin(`${shared.url}large.bin`), 200);
    await visit(shared.url, DESKTOP, async (page) => {
      assert.equal(await page.locator('h1').innerText(), 'Busy right now');
      assert.doesNotMatch(await page.content(), NOBODY);
      await hasNoViolation(page);
      await screenshot(page, 'too-many');
      crowd.forEach((each) => each.leave());
      await page.getByRole('link', { name: 'Try again' }).click();
      await page.getByRole('heading', { name: 'Holiday' }).waitFor();
    }, (url) => url === shared.url);
  } finally {
    crowd.forEach((each) => each.leave());
    await shared.stop();
  }
});

test('a request while a share ends gets a page that says so', async () => {
  // That moment is short, so a busy machine may miss it.
  let last;
  for (let attempt = 0; attempt < 50 && !last; attempt++) {
    const shared = await share(folder);
    const one = visitor();
    assert.equal((await one.get(shared.url)).status, 200);
    const stopped = shared.stop();
    for (;;) {
      const response = await one.get(shared.url).catch(() => null);
      if (response?.status === 200) continue;
      if (response) last = { url: shared.url, ...response };
      break;
    }
    one.leave();
    await stopped;
  }
  assert.equal(last?.status, 410);
  // Exactly this page with its headers, as a browser shows it.
  await visit('about:blank', PHONE, async (page) => {
    await page.route(last.url, (route) => route.fulfill(last));
    await page.goto(last.url);
    assert.equal(await page.locator('h1').innerText(), 'No longer shared');
    assert.equal(await page.getByRole('link').count(), 0);
    assert.doesNotMatch(await page.content(), NOBODY);
    await hasNoViolation(page);
    await screenshot(page, 'ended');
  }, (url) => url === last.url);
});
