// A share of a single file: a page of its own, with and without JavaScript.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { photos, project, wav, write } from './support/fixture.mjs';
import { share } from './support/program.mjs';

before(() => startBrowser());
after(() => stopBrowser());

async function sharing(file, work) {
  const shared = await share(file);
  try {
    await work(shared.url);
  } finally {
    await shared.stop();
  }
}

async function isSaved(page, file) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#all').click()]);
  assert.deepEqual(fs.readFileSync(await download.path()), fs.readFileSync(file));
}

const isDrawn = (page) => page.waitForFunction(() => document.querySelector('.one img')?.naturalWidth > 100);

test('a photo is shown large, with one button', async () => {
  let folder;
  await visit('about:blank', {}, async (page) => { folder = await photos(page, 1); });
  const file = `${folder}/IMG_1001.jpg`;
  await sharing(file, async (url) => {
    for (const [name, settings] of [['', DESKTOP], ['phone-', PHONE], ['no-script-', { ...DESKTOP, javaScriptEnabled: false }]]) {
      await visit(url, settings, async (page) => {
        if (name !== 'no-script-') await isDrawn(page);
        assert.equal(await page.locator('h1').innerText(), 'IMG_1001.jpg');
        assert.match(await page.locator('#summary').innerText(), /^Picture · \d+ kB$/);
        assert.equal(await page.locator('.e, .tools').count(), 0);
        assert.ok((await page.locator('.one img').boundingBox()).width > 300);
        await isSaved(page, file);
        if (name !== 'no-script-') await hasNoViolation(page);
        await screenshot(page, `${name}one-photo`);
      });
    }
    await visit(url, DESKTOP, async (page) => {
      await page.locator('.one .open').click();
      await page.locator('dialog[open] .stage img[alt="IMG_1001.jpg"]').waitFor();
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => !document.querySelector('dialog[open]'));
      await page.goto(`${url}?open=IMG_1001.jpg`);
      await page.locator('dialog[open]').waitFor();
    });
  });
});

test('sounds, documents, texts and what nothing shows have their page', async () => {
  const folder = project();
  write(folder, 'Concert.wav', wav(5));
  write(folder, 'Model.blend', Buffer.alloc(4000));
  write(folder, 'Guide.md', '# A guide\n');
  write(folder, 'Tides.csv', 'Day,High\n1,2.5\n');
  for (const [name, place] of [
    ['Concert.wav', '.one audio'], ['Contract.pdf', '.one iframe'], ['main.rs', '.one .lines'],
    ['Guide.md', '.one h2'], ['Tides.csv', '.one table'], ['Backup.zip', '.one .tree'], ['Model.blend', '.one .icon .big'],
  ]) {
    const file = `${folder}/${name}`;
    await sharing(file, (url) => visit(url, DESKTOP, async (page) => {
      await page.locator(place).first().waitFor();
      assert.equal(await page.locator('h1').innerText(), name);
      const [outer, inner] = [await page.locator('.one').boundingBox(), await page.locator(place).first().boundingBox()];
      assert.ok(inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width, name);
      if (name === 'main.rs') {
        await page.locator('.one .lines span').first().click({ position: { x: 20, y: 8 } });
        await page.waitForURL('**/?open=main.rs&line=1');
      }
      await isSaved(page, file);
      await hasNoViolation(page);
      // It opens in the page.
      if (name === 'Model.blend') assert.equal(await page.locator('.one .open span').innerText(), 'Open');
      await screenshot(page, `one-${name.split('.')[1]}`);
    }));
  }
});
