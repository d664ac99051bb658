// What the files of a share can do in a visitor's browser.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DESKTOP, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { png, write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

const REGISTER = `<!DOCTYPE html><title>waiting</title><script>
const done = (text) => { document.title = text; };
try {
  navigator.serviceWorker.register('/worker.js', { scope: '/' })
    .then(() => navigator.serviceWorker.ready)
    .then(() => done('registered'), (error) => done('refused: ' + error.name));
} catch (error) {
  done('refused: ' + error.name);
}
</script>`;

const WORKER = `
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => event.respondWith(
  new Response('<h1>Taken over</h1>', { headers: { 'content-type': 'text/html' } })));
`;

before(() => startBrowser());
after(stopBrowser);

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const isExpected = (url) => /worker\.js|favicon/.test(url);

test('a file of one share can\'t answer for the next share on the port', async () => {
  const port = await freePort();
  const hostile = newFolder('Hostile');
  write(hostile, 'page.html', REGISTER);
  write(hostile, 'worker.js', WORKER);
  const next = newFolder('Next');
  write(next, 'a.txt');
  let shared = await share.onPort(port, hostile);
  try {
    await visit(`${shared.url}page.html`, DESKTOP, async (page) => {
      await page.waitForFunction(() => document.title !== 'waiting');
      assert.match(await page.title(), /refused/);
      await shared.stop();
      shared = await share.onPort(port, next);
      await page.goto(shared.url);
      assert.equal(await page.locator('h1').innerText(), 'Next');
    }, isExpected);
  } finally {
    await shared.stop();
  }
});

test('the service worker of a website ends with its share', async () => {
  const port = await freePort();
  const website = newFolder('Website');
  write(website, 'index.html', REGISTER);
  write(website, 'worker.js', WORKER);
  const next = newFolder('Next');
  write(next, 'a.txt');
  let shared = await share.onPort(port, website);
  try {
    await visit(shared.url, DESKTOP, async (page) => {
      await page.waitForFunction(() => document.title === 'registered');
      await shared.stop();
      shared = await share.onPort(port, next);
      // The browser checks for a new version of the worker about a second after a visit; another
      // visit before that postpones the check.
      const end = Date.now() + 60_000;
      let heading;
      do {
        await page.goto(shared.url);
        heading = await page.locator('h1').innerText();
        await page.waitForTimeout(4000);
      } while (heading === 'Taken over' && Date.now() < end);
      assert.equal(heading, 'Next');
    }, isExpected);
  } finally {
    await shared.stop();
  }
});

test('a site in a subfolder works without the rights of the share', async () => {
  const folder = newFolder('Reports');
  const site = path.join(folder, 'coverage');
  fs.mkdirSync(site);
  write(folder, 'a.txt', 'private');
  write(site, 'style.css', 'h1 { color: rgb(1, 2, 3); }');
  write(site, 'picture.png', png(4, 4, 1));
  write(site, 'script.js', `
    let storage = 'allowed';
    try { localStorage.a = 1; } catch (error) { storage = error.name; }
    fetch('/a.txt').then(() => 'read', () => 'blocked').then((list) => { document.title = storage + ' ' + list; });
  `);
  write(site, 'index.html', `<!DOCTYPE html><title>waiting</title><link rel="stylesheet" href="style.css">
    <h1>Coverage</h1><img src="picture.png" alt=""><script src="script.js"></script>`);
  const shared = await share(folder);
  try {
    await visit(`${shared.url}coverage/`, DESKTOP, async (page) => {
      await page.waitForFunction(() => document.title !== 'waiting');
      assert.equal(await page.title(), 'SecurityError blocked');
      const colour = await page.locator('h1').evaluate((h1) => getComputedStyle(h1).color);
      assert.equal(colour, 'rgb(1, 2, 3)');
      assert.equal(await page.locator('img').evaluate((img) => img.naturalWidth), 4);
    }, () => true);
  } finally {
    await shared.stop();
  }
});
