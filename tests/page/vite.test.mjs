// A development server shared by its port: the page changes while a visitor has it open.
//
// Runs only in its own network namespace, which tests/page/run.sh creates.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createServer } from 'vite';
import { DESKTOP, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { skip, startEdge } from './support/edge.mjs';
import { newFolder, share } from './support/program.mjs';

const project = newFolder('project');
const write = (name, text) => fs.writeFileSync(path.join(project, name), text);

let edge;
let vite;
let shared;
before(async () => {
  if (skip) return;
  edge = await startEdge();
  write('index.html', '<!doctype html><link rel="icon" href="data:,"><p id="said"></p><script type="module" src="/main.js"></script>');
  write('word.js', "export const word = 'before';\n");
  write('main.js', `import { word } from './word.js';
const show = (text) => { document.querySelector('#said').textContent = text; };
show(word);
import.meta.hot.accept('./word.js', (changed) => show(changed.word));
`);
  // With its default settings: nothing in it knows that it is shared.
  vite = await createServer({ root: project, logLevel: 'error', configFile: false });
  await vite.listen();
  const { port } = vite.httpServer.address();
  await startBrowser(edge.browserArgs);
  shared = await share.online(String(port), edge.variables);
});
after(async () => {
  if (skip) return;
  await shared.stop();
  await stopBrowser();
  await vite.close();
  edge.stop();
});

test('a visitor\'s page shows a change at once, without a reload', { skip }, () =>
  visit(shared.link, DESKTOP, async (page) => {
    const connected = page.waitForEvent('console', (message) => message.text().includes('[vite] connected'));
    await page.reload();
    await connected;
    const said = page.locator('#said');
    await said.filter({ hasText: 'before' }).waitFor();
    await page.evaluate(() => { globalThis.isTheSamePage = true; });
    write('word.js', "export const word = 'after';\n");
    await said.filter({ hasText: 'after' }).waitFor();
    assert.equal(await page.evaluate(() => globalThis.isTheSamePage), true);
  }, (url) => url.startsWith('wss:')));
