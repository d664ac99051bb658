// The program itself, sharing a folder in the foreground.

import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');
export const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
const program = process.env.SPOT_SERVE ?? path.join(target, 'debug/spot-serve');

// A debug build takes the pages' scripts and style sheets from this folder, if it is named.
const pages = process.env.SPOT_SERVE_PAGES ? { SPOT_SERVE_PAGES: process.env.SPOT_SERVE_PAGES } : {};

export const screenshots = path.join(target, 'screenshots');
fs.mkdirSync(screenshots, { recursive: true });

// A folder for one test, deleted after the last test.
const rubbish = fs.mkdtempSync(path.join(os.tmpdir(), 'page-test-'));
process.on('exit', () => fs.rmSync(rubbish, { recursive: true, force: true }));
let count = 0;
export function newFolder(name = 'Shared') {
  const folder = path.join(rubbish, String(count++), name);
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

// Shares paths. Returns the address on this computer and a way to stop it.
export const share = (...paths) => start(paths);

// Like `share`, and returns the public link once it works.
share.online = async (folder, variables) => {
  const started = await start([folder], variables);
  return { ...started, link: (await started.printed).trim().replace(/\/?$/, '/') };
};

// Like `share`, with a password.
share.locked = (password, ...paths) => start([`--password=${password}`, ...paths]);

// Shares a text, on a page of its own.
share.text = (text) => start(['-', '--text'], {}, 'share', text);

// Like `share`, on a given port.
share.onPort = (port, ...paths) => start(paths, onPort(port));

// Takes what visitors hand in, into a folder. They see nothing of it.
export const receive = (folder, ...options) => start([folder, '--yes', ...options], {}, 'receive');

// Like `receive`, on a given port.
receive.onPort = (port, folder, ...options) => start([folder, '--yes', ...options], onPort(port), 'receive');

function onPort(port) {
  const config = newFolder('config');
  fs.mkdirSync(path.join(config, 'spot-serve'));
  fs.writeFileSync(path.join(config, 'spot-serve/config.toml'), `[server]\nport = ${port}\n`);
  return { XDG_CONFIG_HOME: config };
}

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

async function start(paths, variables = {}, command = 'share', input = '') {
  const home = newFolder('home');
  const child = spawn(program, [command, '--foreground', ...paths], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: home, ...pages, ...variables },
  });
  child.stdin.end(input);
  children.add(child);
  const printed = new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  let told = '';
  const url = await new Promise((resolve, reject) => {
    child.stderr.on('data', (data) => {
      told += data;
      const found = /local: (http:\S+)/.exec(told);
      if (found) resolve(found[1].replace(/\/?$/, '/'));
    });
    child.on('exit', (code) => reject(new Error(`The program ended with ${code}: ${told}`)));
    child.on('error', reject);
  });
  const ended = new Promise((resolve) => child.on('exit', resolve)).then(() => children.delete(child));
  const end = async (signal) => { child.kill(signal); await ended; };
  return { url, pid: child.pid, home, printed, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

// The program as it runs in the tray, on a computer without a desktop. `run` is a command to it, which
// returns what it prints.
export async function startApp(variables = {}) {
  const home = newFolder('home');
  const runtime = path.join(home, 'run');
  fs.mkdirSync(runtime, { mode: 0o700 });
  const env = { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: runtime, ...pages, ...variables };
  const child = spawn(program, [], { stdio: 'ignore', env, cwd: home });
  children.add(child);
  const ended = new Promise((resolve) => child.on('exit', resolve)).then(() => children.delete(child));
  const run = (...args) => new Promise((resolve, reject) => {
    execFile(program, args, { env, cwd: home }, (error, out, told) => (error ? reject(new Error(`${args}: ${told}`)) : resolve(out)));
  });
  while (await run('list', '--json').then(() => false, () => true));
  return {
    home, run,
    dashboard: async () => (await run('dashboard', '--print')).trim(),
    list: async () => JSON.parse(await run('list', '--json')),
    stop: async () => { child.kill('SIGTERM'); await ended; },
  };
}
