// Clients for the protocol tus that nobody here wrote, in browsers: tus-js-client and Uppy.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { build } from 'vite';
import { DESKTOP, startEngine, stopBrowser, visit } from './support/browser.mjs';
import { startLine } from './support/line.mjs';
import { newFolder, receive } from './support/program.mjs';
import { MIB, files, hasExactly } from './support/uploader.mjs';

let clients;
before(async () => {
  const entry = path.join(newFolder('client'), 'clients.js');
  const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
  const from = (name) => JSON.stringify(path.join(here, 'node_modules', name));
  fs.writeFileSync(entry, `
    import * as tus from ${from('tus-js-client')};
    import Uppy from ${from('@uppy/core')};
    import Tus from ${from('@uppy/tus')};
    Object.assign(window, { tus, Uppy, Tus });
  `);
  const [{ output }] = [await build({
    logLevel: 'error', configFile: false, root: path.dirname(entry),
    build: { write: false, lib: { entry, formats: ['iife'], name: 'clients' } },
    define: { 'process.env.NODE_ENV': '"production"' },
  })].flat();
  clients = output[0].code;
});

for (const engine of ['chromium', 'firefox']) {
  test(`in ${engine}`, async (t) => {
    await startEngine(engine);
    try {
      await clientsUpload(t);
    } finally {
      await stopBrowser();
    }
  });
}

// Opens a page with the clients beside an inbox, over a line.
async function visitClients(work) {
  const folder = newFolder('Homework');
  const shared = await receive(folder);
  const line = await startLine(shared.url);
  try {
    await visit('about:blank', DESKTOP, async (page) => {
      const html = '<!DOCTYPE html><title>Client</title><link rel="icon" href="data:,"><input type="file" multiple>';
      await page.route(`${line.url}client`, (route) => route.fulfill({ contentType: 'text/html', body: html }));
      await page.goto(`${line.url}client`);
      await page.addScriptTag({ content: clients });
      await work({ page, folder, line });
    }, () => true);
  } finally {
    line.stop();
    await shared.stop();
  }
}

async function clientsUpload(t) {
  for (const uploadDataDuringCreation of [false, true]) {
    await t.test(`tus-js-client goes on after it was stopped, data during creation: ${uploadDataDuringCreation}`, () =>
      visitClients(async ({ page, folder, line }) => {
        const [film] = files({ 'film 1.mp4': 9 * MIB });
        await page.locator('input').setInputFiles(film);
        await page.evaluate(({ uploadDataDuringCreation, chunkSize }) => {
          const { files: [file] } = document.querySelector('input');
          const options = (more) => ({
            endpoint: '/?upload', chunkSize, retryDelays: [0, 100], uploadDataDuringCreation,
            metadata: { filename: file.name, filetype: file.type }, ...more,
          });
          const { tus } = globalThis;
          return new Promise((resolve, reject) => {
            const first = new tus.Upload(file, options({
              onError: reject,
              onChunkComplete: () => first.abort().then(async () => {
                const [previous] = await first.findPreviousUploads();
                const second = new tus.Upload(file, options({ onError: reject, onSuccess: resolve }));
                second.resumeFromPreviousUpload(previous);
                second.start();
              }, reject),
            }));
            first.start();
          });
        }, { uploadDataDuringCreation, chunkSize: 2 * MIB });
        hasExactly(folder, { 'film 1.mp4': film });
        assert.equal(line.requests.filter(({ method }) => method === 'POST').length, 1);
        assert.ok(line.sent() <= 11 * MIB, `${line.sent()} bytes were sent`);
      }));
  }

  await t.test('tus-js-client sends in parts of unknown number, and takes an upload back', () => visitClients(async ({ page, folder }) => {
    const url = await page.evaluate(() => new Promise((resolve, reject) => {
      const upload = new globalThis.tus.Upload(new Blob(['x'.repeat(3000)]), {
        endpoint: '/?upload', chunkSize: 1000, metadata: { filename: 'back.txt' }, onError: reject,
        onChunkComplete: () => upload.abort(true).then(() => resolve(upload.url), reject),
      });
      upload.start();
    }));
    assert.match(url, /\?upload=\w+/);
    hasExactly(folder, {});
    await page.evaluate(() => new Promise((resolve, reject) => {
      new globalThis.tus.Upload(new Blob(['whole']).stream().getReader(), {
        endpoint: '/?upload', chunkSize: 1000, uploadLengthDeferred: true, metadata: { filename: 'späte Länge.txt' },
        onError: reject, onSuccess: resolve,
      }).start();
    }));
    hasExactly(folder, { 'späte Länge.txt': Buffer.from('whole') });
  }));

  await t.test('Uppy sends several files at a time, over a line that is cut', () => visitClients(async ({ page, folder, line }) => {
    const mine = files({ 'a.bin': 5 * MIB, 'b.txt': 'b', 'été 日本.txt': 'c', 'empty.txt': '' });
    await page.locator('input').setInputFiles(mine);
    let cuts = 0;
    line.rule = ({ method }) => (method === 'PATCH' && (cuts += 1) === 2 ? { cutAfter: 100_000 } : undefined);
    const result = await page.evaluate(async (chunkSize) => {
      const uppy = new globalThis.Uppy();
      uppy.use(globalThis.Tus, { endpoint: '/?upload', chunkSize, retryDelays: [0, 100, 500], limit: 3 });
      for (const file of document.querySelector('input').files) uppy.addFile({ name: file.name, type: file.type, data: file });
      const { successful, failed } = await uppy.upload();
      return [successful.length, failed.map(({ error }) => error)];
    }, MIB);
    assert.deepEqual(result, [4, []]);
    assert.ok(cuts >= 2);
    hasExactly(folder, { 'a.bin': mine[0], 'b.txt': mine[1], 'été 日本.txt': mine[2], 'empty.txt': mine[3] });
  }));
}
