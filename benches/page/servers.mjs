// The servers to compare, and where their pages show what.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { newFolder, share } from '../../tests/page/support/program.mjs';

const tools = process.env.BENCH_TOOLS;
const copyparty = { PYTHONPATH: path.join(tools, 'copyparty-page') };
const dufs = path.join(tools, 'bin/dufs');

/**
 * `entry` is what shows a file, `pictures` the address of a folder of photos, `tile` a photo in it, and
 * `photo` the one that was opened. A server without `tile` shows names, and the browser the file.
 */
export const servers = [
  {
    name: 'Spot Serve',
    version: () => version(process.env.SPOT_SERVE, '--version'),
    start: async (folder) => {
      const { url, pid, kill } = await share(folder);
      return { port: new URL(url).port, pid, stop: kill };
    },
    entry: '.e bdi',
    // A folder of photos is a gallery.
    pictures: '',
    tile: '.gallery .e .pic',
    photo: 'dialog .stage img:not(.first)',
  },
  {
    name: 'copyparty',
    version: () => fs.readdirSync(copyparty.PYTHONPATH).find((name) => name.startsWith('copyparty-')).slice(10, -10),
    start: (folder, port) => {
      const home = newFolder('home');
      const options = ['-q', '--no-crt', '-i', '127.0.0.1', '-p', port, '-v', `${folder}::r`, '--hist', path.join(home, 'hist')];
      return start('python3', ['-m', 'copyparty', ...options], port, home, copyparty);
    },
    entry: '#files tbody a[id]',
    pictures: '?grid',
    tile: '#ggrid > a',
    photo: '#bbox-overlay img',
  },
  {
    name: 'dufs',
    version: () => version(dufs, '--version'),
    start: (folder, port) => start(dufs, ['-b', '127.0.0.1', '-p', port, '--log-format', '', folder], port, newFolder('home')),
    entry: '.paths-table .cell-name a',
    photo: 'img',
  },
  {
    name: 'caddy',
    version: () => version('caddy', 'version'),
    start: (folder, port) => startCaddy(folder, port, 'encode gzip\n\tfile_server browse'),
    entry: 'tr.file a',
    photo: 'img',
  },
];

export const version = (program, option) => /\d\S*/.exec(String(execFileSync(program, [option])))[0];

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

// Starts caddy with a folder, and the rest of its settings.
export function startCaddy(folder, port, rest) {
  const home = newFolder('home');
  const settings = path.join(home, 'Caddyfile');
  fs.writeFileSync(settings, `{\n\tadmin off\n\tauto_https off\n}
http://:${port} {\n\tbind 127.0.0.1\n\troot * ${JSON.stringify(folder)}\n\t${rest}\n}\n`);
  return start('caddy', ['run', '--adapter', 'caddyfile', '--config', settings], port, home);
}

export async function start(program, args, port, home, variables = {}) {
  const env = { PATH: process.env.PATH, HOME: home, ...variables };
  const child = spawn(program, args.map(String), { cwd: home, stdio: 'ignore', env });
  children.add(child);
  const ended = new Promise((resolve, reject) => {
    child.on('exit', resolve);
    child.on('error', reject);
  }).then(() => children.delete(child));
  const begun = Date.now();
  while (!(await listens(port))) {
    if (child.exitCode !== null || Date.now() - begun > 60_000) throw new Error(`${program} doesn't listen`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { port, pid: child.pid, stop };
}

const listens = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => {
    socket.destroy();
    resolve(true);
  });
  socket.on('error', () => resolve(false));
});

/** How much memory a process and its children take, in bytes, with their part of what they share (PSS). */
export function memory(pid) {
  const own = /^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1] * 1024;
  const children = fs.readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter(Boolean);
  return children.reduce((sum, child) => sum + memory(child), own);
}
