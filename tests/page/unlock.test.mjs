// What visitors of a share with a password see before they have entered it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { write } from './support/fixture.mjs';
import { newFolder, screenshots, share } from './support/program.mjs';

const PASSWORD = 'quiet river & lake 100%';
const NOBODY = /holiday|zebra|spot.?serve|cloudflare|actix|tunnel/i;

let shared;
before(async () => {
  await startBrowser();
  const folder = newFolder('Holiday');
  write(folder, 'zebra.txt');
  fs.mkdirSync(`${folder}/inner`);
  write(folder, 'inner/zebra.txt');
  shared = await share.locked(PASSWORD, folder);
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

// The page itself has status 401, which browsers log as an error.
const mayFail = (url) => url.startsWith(shared.url);
const link = (path = '', password = PASSWORD) => `${shared.url}${path}#password=${encodeURIComponent(password)}`;

async function enter(page, password) {
  // The page before has other fields, and may still be there.
  const field = page.locator('input[name=password]');
  await field.fill(password);
  await field.press('Enter');
}

const kinds = {
  desktop: DESKTOP,
  phone: PHONE,
  'no script': { javaScriptEnabled: false },
  arabic: { ...PHONE, locale: 'ar' },
  dark: { colorScheme: 'dark' },
};
for (const [kind, settings] of Object.entries(kinds)) {
  test(`the page asks for the password and tells nothing: ${kind}`, async () => {
    await visit(`${shared.url}inner/`, settings, async (page) => {
      const texts = kind === 'arabic'
        ? ['كلمة المرور مطلوبة', 'كلمة المرور غير صحيحة. حاول مرة أخرى.'] : ['Password required', 'Wrong password. Try again.'];
      assert.equal(await page.locator('h1').innerText(), texts[0]);
      assert.equal(await page.title(), texts[0]);
      assert.doesNotMatch(await page.content(), NOBODY);
      assert.deepEqual(await page.locator('meta[property]').evaluateAll((all) => all.map((one) => one.content))
        .catch(() => [texts[0]]), [texts[0]]);
      if (kind !== 'no script') {
        assert.ok(await page.evaluate(() => document.activeElement.name === 'password'), 'it has the focus');
        await hasNoViolation(page);
      }
      await enter(page, 'wrong');
      assert.equal(await page.getByRole('alert').innerText(), texts[1]);
      if (kind !== 'no script') await hasNoViolation(page);
      await page.screenshot({ path: `${screenshots}/unlock-${kind.replace(' ', '-')}.png` });
      const box = await page.locator('form').boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= page.viewportSize().width, JSON.stringify(box));
      await enter(page, PASSWORD);
      await page.locator('.e bdi', { hasText: 'zebra.txt' }).waitFor();
      assert.equal(page.url(), `${shared.url}inner/`);
    }, mayFail);
  });
}

test('a link with the password opens by itself, and the password leaves the address bar', async () => {
  await visit(link('inner/'), DESKTOP, async (page) => {
    await page.locator('.e bdi', { hasText: 'zebra.txt' }).waitFor();
    assert.equal(page.url(), `${shared.url}inner/`);
    // Once more, from within.
    await page.goto(link());
    await page.getByRole('heading', { name: 'Holiday' }).waitFor();
    await page.waitForFunction(() => !location.href.includes('#'));
    assert.equal(page.url(), shared.url);
  }, mayFail);
});

test('a link with a wrong or broken password asks for the right one', async () => {
  await visit(link('', 'old'), DESKTOP, async (page) => {
    await page.getByRole('alert').waitFor();
    assert.equal(page.url(), `${shared.url}?unlock`);
    await enter(page, PASSWORD);
    await page.getByRole('heading', { name: 'Holiday' }).waitFor();
    assert.equal(page.url(), shared.url);
  }, mayFail);
  await visit(`${shared.url}#password=%zz`, DESKTOP, async (page) => {
    await page.waitForFunction(() => !location.href.includes('#'));
    assert.equal(await page.locator('h1').innerText(), 'Password required');
    assert.equal(await page.getByRole('alert').count(), 0);
  }, mayFail);
});

test('a file asks for the password again when it is needed again, and then opens', async () => {
  await visit(link(), DESKTOP, async (page, context) => {
    await page.locator('.e bdi', { hasText: 'zebra.txt' }).waitFor();
    await context.clearCookies();
    await page.locator('.e .open', { hasText: 'zebra.txt' }).click();
    await enter(page, PASSWORD);
    await page.locator('dialog[open] h2', { hasText: 'zebra.txt' }).waitFor();
  }, mayFail);
});

test('a link that is pasted over the page opens it too', async () => {
  await visit(shared.url, DESKTOP, async (page) => {
    await page.goto(link());
    await page.getByRole('heading', { name: 'Holiday' }).waitFor();
    assert.equal(page.url(), shared.url);
  }, mayFail);
});
