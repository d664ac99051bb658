// The dashboard: the owner's page on this computer.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, startEngine, stopBrowser, visit } from './support/browser.mjs';
import { skip, startEdge } from './support/edge.mjs';
import { HOSTILE } from './support/fixture.mjs';
import { newFolder, screenshots, startApp } from './support/program.mjs';

let edge;
let app;
before(async () => {
  if (skip) return;
  edge = await startEdge();
  app = await startApp(edge.variables);
});
after(async () => {
  await app?.stop();
  edge?.stop();
});

const picture = (page, name) => page.screenshot({ path: path.join(screenshots, `dashboard-${name}.png`), fullPage: true });
const card = (page, name) => page.locator('.card', { has: page.getByRole('heading', { name, exact: true }) });

async function open(settings, work, mayFail) {
  await visit(await app.dashboard(), settings, work, mayFail);
}

function newShared(name, files = { 'a.txt': 'hello' }) {
  const folder = newFolder(name);
  for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), content);
  return folder;
}

// Shares something, and returns it once its link works, even if that takes more than one attempt.
async function online(...args) {
  const before = (await app.list()).length;
  await app.run(...args).catch(() => {});
  return settled(async () => {
    const all = await app.list();
    assert.deepEqual([all.length, all.at(-1).state], [before + 1, 'online']);
    return all.at(-1);
  });
}

const localLink = async (name) => (await app.list()).find((share) => share.name === name).local_link;

// What a visitor hands in, on this computer.
async function handIn(inbox, name, sender = '') {
  const form = new FormData();
  form.append('sender', sender);
  form.append('file', new Blob(['x'.repeat(2_400_000)]), name);
  const answer = await fetch(inbox, { method: 'POST', body: form });
  assert.ok(answer.ok, `${answer.status} for ${name}`);
}

// What is like this in every engine. The pictures are of the first.
for (const engine of ['chromium', 'firefox']) {
  for (const [name, work] of [
    ['a share is steered from the dashboard', steer],
    ['who is there is seen, ended and blocked', meet],
    ['the requests of a local site are shown, searched and sent again', inspect],
  ]) {
    test(`${name}: ${engine}`, { skip }, async () => {
      await startEngine(engine);
      try {
        await work(engine === 'chromium');
      } finally {
        await stopBrowser();
        await app.run('stop', '--all');
      }
    });
  }
}

const LOOKS = Object.entries({
  'phone-dark': { ...PHONE, colorScheme: 'dark' }, arabic: { ...DESKTOP, locale: 'ar' },
});

async function steer(isExamined) {
  // The headless shell of Chromium lets no page copy by itself.
  const settings = isExamined ? { ...DESKTOP, permissions: ['clipboard-write'] } : DESKTOP;
  await open(settings, async (page) => {
    await page.getByRole('heading', { name: 'Nothing is shared right now' }).waitFor();
    assert.ok(!page.url().includes('#'), 'the ticket leaves the address bar');
    if (isExamined) await hasNoViolation(page);
    await picture(page, 'empty');

    const folder = newShared('Photos');
    const { link, local_link: local } = await online('share', folder);
    const photos = card(page, 'Photos');
    await photos.getByText('Online', { exact: true }).waitFor();
    assert.equal(await photos.locator('.address:visible').getAttribute('href'), link);

    // The password is in effect at once, and shown.
    await photos.getByRole('switch', { name: 'Require a password' }).check();
    const password = photos.locator('code');
    await password.waitFor();
    const words = await password.innerText();
    assert.match(words, /^\w+(\W\w+){3}$/);
    assert.equal((await fetch(local)).status, 401);
    await photos.getByRole('button', { name: 'Use my own password' }).click();
    await page.keyboard.type('quiet river & lake');
    await page.keyboard.press('Enter');
    await photos.getByText('quiet river & lake').waitFor();
    await photos.getByRole('switch', { name: 'Require a password' }).uncheck();
    await password.waitFor({ state: 'hidden' });
    assert.equal((await fetch(local)).status, 200);

    fs.writeFileSync(path.join(folder, '.notes'), 'hidden');
    await photos.getByRole('switch', { name: 'Show hidden files' }).check();
    await settled(async () => assert.equal((await fetch(new URL('.notes', local))).status, 200));
    await photos.getByRole('switch', { name: 'Show hidden files' }).uncheck();
    await settled(async () => assert.equal((await fetch(new URL('.notes', local))).status, 404));
    const places = photos.getByRole('switch', { name: 'Show where photos were taken' });
    await places.check();
    await places.uncheck();
    await settled(async () => assert.equal(await places.isEnabled(), true));
    await photos.getByRole('switch', { name: 'Visitors may add files' }).check();
    await photos.getByLabel('Message to visitors').fill('Thank you!');
    await photos.getByRole('button', { name: 'Save' }).click();
    await photos.getByLabel('Stop after', { exact: true }).selectOption('8 hours');
    await photos.getByText('Ends in 8 hr').waitFor();
    await photos.getByLabel('Stop after downloads').selectOption('1');
    await photos.getByText('Ends after the next complete download').waitFor();
    await settled(async () => {
      const [{ ends_in_s: time, downloads_left: downloads, uploads, message }] = await app.list();
      assert.ok(time > 7 * 3600 && time <= 8 * 3600, String(time));
      assert.deepEqual([downloads, uploads, message], [1, true, 'Thank you!']);
    });
    // And the other way round.
    await app.run('set', folder, '--downloads', 'unlimited', '--for', '90m');
    await photos.getByText('Ends in 1 hr 30 min').waitFor();
    await settled(async () => assert.equal(await photos.getByLabel('Stop after downloads').inputValue(), ''));

    await photos.getByText('Open as a drive…').click();
    const { href, host } = new URL(link);
    for (const line of [`net use * ${href}`, `davs://${host}/`, `webdavs://${host}/`]) await photos.getByText(line, { exact: true }).waitFor();
    await photos.locator('.drive').getByRole('button', { name: 'Copy' }).first().click();
    await photos.getByText('Copied').waitFor();
    if (isExamined) await hasNoViolation(page);
    await picture(page, 'drive');
    await photos.getByText('Open as a drive…').click();

    await photos.getByRole('button', { name: 'QR code' }).click();
    const dialog = page.getByRole('dialog', { name: 'QR code of Photos' });
    await dialog.waitFor();
    if (isExamined) await hasNoViolation(page);
    await picture(page, 'qr');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });

    await photos.getByRole('button', { name: 'Stop sharing' }).click();
    await photos.waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Nothing is shared right now' }).waitFor();
    assert.deepEqual(await app.list(), []);
  });
}

// Waits until it holds.
async function settled(check) {
  for (let n = 0; ; n += 1) {
    try {
      return await check();
    } catch (error) {
      if (n > 1200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test('in Chromium', { skip }, async (t) => {
  await startEngine('chromium');
  const photos = newShared('Photos', Object.fromEntries(HOSTILE.filter((name) => typeof name === 'string' && !name.includes('\n')).map((name) => [name, 'x'])));
  const homework = newFolder('<img src=x onerror=alert(1)>');
  await online('share', photos, '--password=harbor violin dozen maple', '--for', '2h');
  await online('receive', homework, '--message', '</script><script>alert(1)</script>');
  const inbox = await localLink('<img src=x onerror=alert(1)>');
  for (const name of HOSTILE.slice(0, 6)) await handIn(inbox, name, '"><svg onload=alert(1)>\u202e</script>');
  try {
    await t.test('an address works once, and without one there is nothing to see', async () => {
      const address = await app.dashboard();
      const refused = 'Open the dashboard from Spot Serve';
      const mayFail = (url) => /\/(session|events)$/.test(url);
      await visit(new URL('/', address).href, DESKTOP, async (page) => {
        await page.getByRole('heading', { name: refused }).waitFor();
        await picture(page, 'refused');
        assert.equal(await page.locator('.card').count(), 0);
      }, mayFail);
      await visit(address, DESKTOP, async (page) => {
        await card(page, 'Photos').waitFor();
        await page.reload();
        await card(page, 'Photos').waitFor();
      });
      await visit(address, DESKTOP, (page) => page.getByRole('heading', { name: refused }).waitFor(), mayFail);
    });

    for (const [kind, settings] of [['desktop', DESKTOP], ...LOOKS]) {
      await t.test(`whatever strangers call things is shown as text: ${kind}`, () => open(settings, async (page) => {
        await page.locator('.card .address:visible').nth(1).waitFor();
        if (kind === 'desktop') await hasNoViolation(page);
        await fits(page);
        await picture(page, kind);
        await page.locator('nav a').nth(1).click();
        await page.locator('#log li').first().waitFor();
        assert.equal(await page.locator('#log :is(img, script), #log svg svg').count(), 0);
        const shown = await page.locator('#log').innerText();
        assert.doesNotMatch(shown, /[\u202e\u0000-\u0008]/);
        if (kind === 'phone-dark') await hasNoViolation(page);
        await fits(page);
        await picture(page, `history-${kind}`);
      }));
    }

    await t.test('the history is searched, exported and cleared', () => open(DESKTOP, async (page) => {
      await page.getByRole('link', { name: 'History' }).click();
      const rows = page.locator('#log li');
      await rows.first().waitFor();
      const all = await rows.count();
      await page.getByRole('searchbox', { name: 'Search' }).fill('wrong password');
      await page.getByText('Nothing matches.').waitFor();
      const wrong = await fetch(await localLink('Photos'), { headers: { authorization: `Basic ${btoa('me:wrong')}` } });
      assert.equal(wrong.status, 401);
      await page.getByText('This computer entered a wrong password').waitFor();
      await page.getByRole('searchbox', { name: 'Search' }).fill('');
      assert.ok(await rows.count() > all);
      await page.getByLabel('What').selectOption('Deliveries');
      assert.equal(await rows.count(), 6);
      for (const [kind, start] of [['CSV', '\ufeffid,time,kind'], ['JSON', '[']]) {
        const download = page.waitForEvent('download');
        await page.getByRole('button', { name: `Export as ${kind}` }).click();
        const file = await (await download).path();
        assert.ok(fs.readFileSync(file, 'utf8').startsWith(start), kind);
      }
      await page.getByRole('button', { name: 'Clear history' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Clear history' }).click();
      await page.getByText('Nothing has happened yet').waitFor();
      assert.equal(await app.run('activity', '--json'), '');
    }));

    await t.test('the keyboard reaches everything, and nobody loses their place', () => open(DESKTOP, async (page) => {
      const photos = card(page, 'Photos');
      const after = photos.getByLabel('Stop after', { exact: true });
      await after.focus();
      await app.run('set', 'Photos', '--for', '3h');
      await photos.getByText('Ends in 3 hr').waitFor();
      assert.ok(await after.evaluate((select) => select === document.activeElement));
      const seen = new Set();
      await page.locator('nav a').first().focus();
      for (let n = 0; n < 60; n += 1) {
        const name = await page.evaluate(() => {
          const { activeElement: active } = document;
          return active.getAttribute('role') ?? active.closest('button,a,select,textarea')?.innerText ?? active.tagName;
        });
        seen.add(name);
        await page.keyboard.press('Tab');
      }
      for (const name of ['History', 'Copy link', 'QR code', 'switch', 'Stop sharing']) assert.ok(seen.has(name), `${name}: ${[...seen]}`);
    }));
  } finally {
    await stopBrowser();
    await app.run('stop', '--all');
  }
});

// Nothing is cut off, and the page doesn't scroll sideways.
async function fits(page) {
  const wide = await page.evaluate(() => [...document.querySelectorAll('body *')]
    .filter((each) => each.checkVisibility() && !each.closest('.unseen,.sprite,svg') && each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => each.outerHTML.slice(0, 80)));
  assert.deepEqual(wide, []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
}

async function meet(isExamined) {
  const folder = newShared('Photos', { 'film.mp4': Buffer.alloc(64 << 20, 'film') });
  const { link } = await online('share', folder);
  const headers = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0' };
  await open(DESKTOP, async (page) => {
    const photos = card(page, 'Photos');
    await photos.waitFor();
    // Two who read slowly, of whom one leaves.
    const slow = await edge.ask(link, '/film.mp4', { headers });
    const cut = await edge.ask(link, '/film.mp4', { headers: { 'user-agent': '<img src=x onerror=alert(1)>/1.0' } });
    const transfers = photos.locator('.transfer');
    await transfers.nth(1).waitFor();
    await transfers.first().getByText(/of 67 MB sent/).waitFor();
    await photos.getByText('Firefox · Windows').waitFor();
    if (isExamined) await examine('live', page, (other) => other.locator('.transfer').nth(1).waitFor());
    cut.destroy();
    await transfers.nth(1).waitFor({ state: 'detached' });
    await photos.getByRole('button', { name: 'End the transfer of film.mp4' }).click();
    await transfers.first().waitFor({ state: 'detached' });
    const closed = new Promise((resolve) => slow.on('close', resolve).on('error', resolve));
    // What is on the way still arrives.
    slow.resume();
    await closed;
    assert.ok(!slow.complete, 'it was cut off');
    const visitor = photos.locator('.visitors > li', { hasText: 'Firefox · Windows' });
    await visitor.getByRole('button', { name: /^Block / }).click();
    await visitor.getByText('Blocked').waitFor();
    const refused = await edge.ask(link, '/', { headers });
    assert.equal(refused.statusCode, 403);
    refused.destroy();
    await visitor.getByRole('button', { name: /^Let .* in again$/ }).click();
    await visitor.getByText('Blocked').waitFor({ state: 'hidden' });
    const again = await edge.ask(link, '/', { headers });
    assert.equal(again.statusCode, 200);
    again.destroy();
  });
}

// Takes pictures of what is on the page now, and of the same on a phone and from right to left.
async function examine(name, page, show) {
  await hasNoViolation(page);
  await picture(page, name);
  for (const [kind, settings] of LOOKS) {
    await open(settings, async (other) => {
      await other.locator('.card').first().waitFor();
      await other.evaluate((view) => { location.hash = view; }, new URL(page.url()).hash);
      await show(other);
      if (kind === 'phone-dark') await hasNoViolation(other);
      await fits(other);
      await picture(other, `${name}-${kind}`);
    });
  }
}

async function inspect(isExamined) {
  const seen = [];
  const site = http.createServer((request, response) => {
    seen.push(request.url);
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{"answer":"</script><b>42</b>"}'));
  });
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  const { port } = site.address();
  const { link } = await online('share', String(port));
  const headers = { authorization: 'Bearer sesame', 'content-type': 'text/plain' };
  try {
    await open(DESKTOP, async (page) => {
      await card(page, `localhost:${port}`).getByRole('link', { name: 'Requests' }).click();
      await page.getByText('No requests yet').waitFor();
      for (const path of ['/api/cart?item=1', '/style.css']) (await edge.ask(link, path, { method: 'POST', headers, body: 'two apples' })).resume();
      const rows = page.locator('#request-rows > li');
      const cart = rows.filter({ hasText: '/api/cart?item=1' });
      await cart.getByText('200').waitFor();
      await cart.getByRole('button').first().click();
      await cart.getByText('two apples').waitFor();
      await cart.getByText('{"answer":"</script><b>42</b>"}').waitFor();
      assert.doesNotMatch(await cart.innerText(), /sesame/, 'secrets are masked');
      if (isExamined) {
        await examine('requests', page, async (other) => {
          const same = other.locator('#request-rows > li').filter({ hasText: '/api/cart?item=1' });
          await same.getByRole('button').first().click();
          await same.getByText('two apples').waitFor();
        });
      }
      await cart.getByRole('button', { name: 'Show secrets' }).click();
      await cart.getByText('Bearer sesame').waitFor();
      await page.getByRole('searchbox', { name: 'Search' }).fill('apples');
      await page.getByRole('searchbox', { name: 'Search' }).fill('style');
      await cart.waitFor({ state: 'hidden' });
      await page.getByRole('searchbox', { name: 'Search' }).fill('');
      await cart.getByRole('button', { name: 'Replay' }).click();
      await rows.nth(2).waitFor();
      await settled(() => assert.equal(seen.filter((url) => url === '/api/cart?item=1').length, 2));
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByText('No requests yet').waitFor();
    });
  } finally {
    site.closeAllConnections();
    site.close();
  }
}

test('a page says when Spot Serve is gone', { skip }, async () => {
  await startEngine('chromium');
  const other = await startApp(edge.variables);
  try {
    await visit(await other.dashboard(), DESKTOP, async (page) => {
      await page.getByRole('heading', { name: 'Nothing is shared right now' }).waitFor();
      await other.stop();
      await page.getByRole('heading', { name: 'The dashboard is closed' }).waitFor();
    }, () => true);
  } finally {
    await stopBrowser();
  }
});

test('a page of another origin on this computer reads and changes nothing', { skip }, async () => {
  await startEngine('chromium');
  await online('share', newShared('Photos'));
  try {
    await strangers();
  } finally {
    await stopBrowser();
    await app.run('stop', '--all');
  }
});

// A dev site on another port, in the browser that has the dashboard open. It has the cookie.
async function strangers() {
  const site = http.createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!DOCTYPE html><title>Dev site</title>'));
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  const home = `http://127.0.0.1:${site.address().port}/`;
  const before = await app.list();
  try {
    await open(DESKTOP, async (page, context) => {
      await card(page, 'Photos').waitFor();
      const target = new URL('/', page.url()).href;
      const other = await context.newPage();
      await other.goto(home);
      const tried = await other.evaluate(async (target) => {
        const result = {};
        const named = async (name, work) => {
          try {
            result[name] = await work();
          } catch (error) {
            result[name] = `failed: ${error.name}`;
          }
        };
        for (const place of ['', 'events', 'history', 'history.csv', 'qr/1']) {
          await named(`read ${place}`, async () => (await fetch(target + place, { credentials: 'include' })).text());
          await named(`read opaquely ${place}`, async () => (await fetch(target + place, { credentials: 'include', mode: 'no-cors' })).text());
          await named(`with a header ${place}`, async () => (await fetch(target + place, { credentials: 'include', headers: { 'x-spot-serve-token': 'x' } })).text());
          await named(`as script ${place}`, () => new Promise((resolve) => {
            const script = document.createElement('script');
            script.onload = () => resolve('loaded');
            script.onerror = () => resolve('failed');
            script.src = target + place;
            document.head.append(script);
          }));
        }
        await named('listen', () => new Promise((resolve) => {
          const source = new EventSource(`${target}events`, { withCredentials: true });
          source.onmessage = ({ data }) => resolve(data);
          source.onerror = () => resolve('failed');
        }));
        for (const place of ['act', 'session']) {
          const body = JSON.stringify(place === 'act' ? { do: 'stop-all' } : {});
          await named(`post ${place}`, async () => (await fetch(target + place, { method: 'POST', credentials: 'include', mode: 'no-cors', body })).text());
          await named(`post readably ${place}`, async () => (await fetch(target + place, { method: 'POST', credentials: 'include', body })).text());
        }
        await named('frame', () => new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.onload = () => {
            try {
              resolve(frame.contentDocument?.body.innerText || 'failed: nothing');
            } catch {
              resolve('failed: another origin');
            }
          };
          frame.src = target;
          document.body.append(frame);
        }));
        await named('window', async () => {
          const opened = window.open(target);
          await new Promise((resolve) => setTimeout(resolve, 300));
          return opened?.document?.body?.innerText || 'failed: nothing';
        });
        return result;
      }, target);
      for (const [name, got] of Object.entries(tried)) assert.match(got, /^(failed.*)?$/, `${name}: ${got}`);
      const frames = other.frames().slice(1);
      for (const frame of frames) assert.doesNotMatch(await frame.content(), /Share a folder|Photos/);
      // A name that was pointed at this computer.
      const rebound = await new Promise((resolve, reject) => {
        http.get(target, { headers: { host: `evil.example:${new URL(target).port}` } }, resolve).on('error', reject);
      });
      assert.equal(rebound.statusCode, 421);
    }, () => true);
  } finally {
    site.closeAllConnections();
    site.close();
  }
  const after = await app.list();
  assert.deepEqual(after.map(({ name, state }) => [name, state]), before.map(({ name, state }) => [name, state]));
}
