// The page as a visitor from elsewhere has it: through cloudflared and the loopback edge, over TLS.
//
// Runs in a network namespace of its own, and only there: tests/page/run.sh sees to it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, test } from 'node:test';
import { DESKTOP, names, picturesAreLoaded, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { photos } from './support/fixture.mjs';
import { newFolder, target, share } from './support/program.mjs';

const cloudflared = process.env.SPOT_SERVE_TEST_CLOUDFLARED;
const isAlone = process.env.LOOPBACK_EDGE_IN_NAMESPACE === '1';
const skip = !cloudflared || !isAlone ? 'there is no cloudflared, or no network namespace' : false;

let edge;
let shared;
before(async () => {
  if (skip) return;
  edge = spawn(path.join(target, 'debug/loopback-edge'), ['--until-stdin-closes', '--public-tls', '127.0.0.1:0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await new Promise((resolve) => readline.createInterface(edge.stdout).once('line', (text) => resolve([text])));
  const { api, args, public_tls: door } = JSON.parse(line);
  const config = newFolder('config');
  fs.mkdirSync(path.join(config, 'spot-serve'));
  const settings = `[tunnel]\ncloudflared = ${JSON.stringify(cloudflared)}\nservice = ${JSON.stringify(api)}\nargs = ${JSON.stringify(args)}\n`;
  fs.writeFileSync(path.join(config, 'spot-serve/config.toml'), settings);
  await startBrowser(['--ignore-certificate-errors', `--host-resolver-rules=MAP *.trycloudflare.com ${door}`]);
  await visit('about:blank', {}, async (page) => {
    shared = await share.online(await photos(page, 12), { XDG_CONFIG_HOME: config });
  });
});
after(async () => {
  if (skip) return;
  await shared.stop();
  await stopBrowser();
  edge.stdin.end();
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
