// The scripts and style sheets of the pages as code: their format, and what a compiler sees in them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const here = import.meta.dirname;
const root = path.join(here, '../..');
const web = path.join(root, 'src/server/page/web');

// Runs a script of a package, and returns what it printed.
const run = (script, ...args) => new Promise((resolve) => {
  const file = path.join(here, 'node_modules', script);
  execFile(process.execPath, [file, ...args], { cwd: root }, (error, out, told) => resolve({ error, said: out + told }));
});

test('the scripts and style sheets are formatted', async () => {
  const { error, said } = await run('prettier/bin/prettier.cjs', '--check',
    'src/server/page/web/**/*.{js,css}', 'src/dashboard/page/**/*.{js,css}');
  assert.ok(!error, `Format them with tests/page/node_modules/.bin/prettier --write: ${said}`);
});

// Syntax, names that don't exist, modules and exports that don't, names that are declared twice, and
// numbers of arguments. What a script knows of an element, the compiler can't know.
const CHECKED = /error TS(1\d{3}|2304|2305|2307|2451|2552|2554|2555|2614|2724):/;

test('every name in the scripts exists, and functions get as many arguments as they take', async () => {
  const { said } = await run('typescript/bin/tsc', '-p', path.join(web, 'tsconfig.json'));
  assert.deepEqual(said.split('\n').filter((line) => CHECKED.test(line)), []);
  assert.doesNotMatch(said, /error TS(5|6|18)\d{3}:/, 'the compiler could not start');
});

// The keys of a table in a file of messages.
function keysOf(toml, table) {
  const [, ...parts] = toml.split(new RegExp(`^\\[${table.replaceAll('.', '\\.')}\\]$`, 'm'));
  const [body = ''] = (parts[0] ?? '').split(/^\[/m);
  return [...body.matchAll(/^(\w+) = /gm)].map(([, key]) => key);
}

test('every text of the scripts is used, and every one that is used exists', () => {
  const toml = fs.readFileSync(path.join(root, 'src/server/page/messages/en.toml'), 'utf8');
  const scripts = fs.readdirSync(web, { recursive: true }).filter((file) => file.endsWith('.js') && !/(^|-|\/)upload\//.test(file));
  const code = scripts.map((file) => fs.readFileSync(path.join(web, file), 'utf8')).join('\n');
  const used = new Set([...code.matchAll(/\btexts\.(\w+)/g)].map(([, key]) => key));
  const counted = [...toml.matchAll(/^\[page\.count\.(\w+)\]$/gm)].map(([, key]) => key);
  const there = keysOf(toml, 'page');
  assert.ok(there.length > 10);
  assert.deepEqual([...used].filter((key) => key !== 'count' && !there.includes(key)), [], 'missing in the messages');
  assert.deepEqual(there.filter((key) => !new RegExp(`\\btexts\\.${key}\\b|['.]${key}\\b`).test(code)), [], 'used by no script');
  for (const key of counted) assert.match(code, new RegExp(`['.]${key}\\b`), `${key} is counted by no script`);
});
