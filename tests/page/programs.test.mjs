// What programs get from links that people pass on.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { HOSTILE, hostile, project } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

const run = promisify(execFile);

// All files below a folder, by path.
function files(folder, at = '') {
  return fs.readdirSync(path.join(folder, at), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(at, entry.name);
    return entry.isDirectory() ? files(folder, name) : [name];
  });
}

test('wget fetches a folder with everything in it, and nothing twice', async () => {
  const folder = project();
  const shared = await share(folder);
  const got = newFolder('got');
  try {
    await run('wget', ['--recursive', '--no-parent', '--no-host-directories', '--quiet', '--tries=1', '-e', 'robots=off', shared.url], { cwd: got })
      // A link in the README of the folder leads nowhere.
      .catch((error) => assert.equal(error.code, 8, error.stderr));
    const there = files(got).filter((name) => !/(^|\/)(index\.html|x\.tmp)/.test(name));
    assert.deepEqual(there.sort(), files(folder).sort());
    for (const name of files(folder)) {
      assert.deepEqual(fs.readFileSync(path.join(got, name)), fs.readFileSync(path.join(folder, name)), name);
    }
  } finally {
    await shared.stop();
  }
});

test('curl gets every file by its URL in the listing', async () => {
  const shared = await share(hostile());
  try {
    const { stdout } = await run('curl', ['--silent', '--fail', `${shared.url}?json`]);
    const { entries } = JSON.parse(stdout);
    assert.equal(entries.length, HOSTILE.length);
    for (const { url } of entries) {
      const file = await run('curl', ['--silent', '--fail', '--path-as-is', shared.url + url.slice(2)]);
      assert.equal(file.stdout, '<script>alert(1)</script>\n', url);
    }
  } finally {
    await shared.stop();
  }
});
