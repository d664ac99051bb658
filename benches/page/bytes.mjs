// Compares what passes a line of 40 Mbit/s when a visitor takes all files of a folder, and prints tables of medians.
//
// usage: node bytes.mjs [ROUNDS]

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import zlib from 'node:zlib';
import { newFolder, share } from '../../tests/page/support/program.mjs';
import { startLine } from './line.mjs';
import { start, startCaddy, version } from './servers.mjs';

const [rounds = '3'] = process.argv.slice(2);
const folders = process.env.BENCH_FOLDERS;
const LINE = { bitsPerSecond: 40_000_000, roundTrip: 20 };
const TYPES = 'text/plain text/css text/javascript application/javascript application/json image/svg+xml text/xml application/xml text/markdown font/ttf application/wasm';

const servers = [
  {
    name: 'Spot Serve',
    version: () => version(process.env.SPOT_SERVE, '--version'),
    start: async (folder) => {
      const { url, kill } = await share(folder);
      return { port: new URL(url).port, stop: kill };
    },
  },
  {
    name: 'nginx',
    version: () => /[\d.]+/.exec(String(execFileSync('sh', ['-c', 'nginx -v 2>&1'])))[0],
    start: (folder, port) => {
      const home = newFolder('home');
      const settings = path.join(home, 'nginx.conf');
      // Files without a known extension, as in a source tree, are text.
      fs.writeFileSync(settings, `daemon off; pid ${home}/pid; error_log stderr; worker_processes 2; user root;
events {}
http {
  include /etc/nginx/mime.types; default_type text/plain; access_log off; sendfile on; tcp_nopush on;
  gzip on; gzip_comp_level 6; gzip_min_length 256; gzip_vary on; gzip_static on; gzip_types ${TYPES};
  server { listen 127.0.0.1:${port}; root ${JSON.stringify(folder)}; }
}\n`);
      return start('nginx', ['-c', settings], port, home);
    },
  },
  {
    name: 'caddy',
    version: () => version('caddy', 'version'),
    start: (folder, port) =>
      startCaddy(folder, port, 'encode zstd gzip\n\tfile_server {\n\t\tprecompressed br zstd gzip\n\t}'),
  },
];

const isForm = (name) => /\.(br|zst|gz)$/.test(name);

function filesOf(folder) {
  const found = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile() && !isForm(entry.name));
  const names = files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  // Nobody is served hidden files.
  return names.filter((name) => !name.split(path.sep).some((part) => part.startsWith('.')));
}

// Lays compressed forms beside each file, as build tools do.
function compress(folder) {
  const quality = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } };
  for (const name of filesOf(folder).filter((name) => /\.(html|js|css|svg|json|txt|xml|map)$/.test(name))) {
    const file = path.join(folder, name);
    const content = fs.readFileSync(file);
    fs.writeFileSync(`${file}.br`, zlib.brotliCompressSync(content, quality));
    fs.writeFileSync(`${file}.gz`, zlib.gzipSync(content, { level: 9 }));
    execFileSync('zstd', ['-q', '-f', '-19', file, '-o', `${file}.zst`]);
  }
}

/** Takes all files over six connections, as browsers do. */
async function takeAll(port, names) {
  const line = await startLine(port, LINE);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
  const headers = { 'Accept-Encoding': 'gzip, deflate, br, zstd', Accept: '*/*', Host: `127.0.0.1:${port}` };
  const begun = performance.now();
  let content = 0;
  await Promise.all(names.map((name) => new Promise((resolve, reject) => {
    const url = new URL(name.split(path.sep).map(encodeURIComponent).join('/').replace(/(^|\/)index\.html$/, '$1'), line.url);
    http.get(url, { agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
      response.on('data', (data) => { content += data.length; }).on('end', resolve).on('error', reject);
    }).on('error', reject);
  })));
  const taken = { bytes: line.down.bytes, content, time: performance.now() - begun };
  agent.destroy();
  line.stop();
  return taken;
}

const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let port = 18_300;

async function compare(title, folder) {
  // What has just changed is not kept.
  await pause(3000);
  const names = filesOf(folder);
  const size = names.reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0);
  const taken = servers.map(() => ({ first: [], again: [] }));
  for (let round = 0; round < Number(rounds); round++) {
    for (let at = 0; at < servers.length; at++) {
      const which = (at + round) % servers.length;
      const running = await servers[which].start(folder, port++);
      try {
        taken[which].first.push(await takeAll(running.port, names));
        // Somebody else comes, and then somebody later.
        await takeAll(running.port, names);
        await pause(Number(process.env.PAUSE_MS ?? 3000));
        taken[which].again.push(await takeAll(running.port, names));
      } finally {
        await running.stop();
      }
    }
  }
  const row = (what, number) => console.log(`| ${[what, ...taken.map(number)].join(' | ')} |`);
  console.log(`| ${[`${title}: ${names.length} files, ${(size / 1e6).toFixed(1)} MB`, ...servers.map(({ name }) => name)].join(' | ')} |`);
  console.log('|---'.repeat(servers.length + 1) + '|');
  for (const [visit, label] of [['first', 'first visit'], ['again', 'a later one']]) {
    const kB = (number) => (one) => Math.round(median(one[visit].map(number)) / 1000).toLocaleString('en-US');
    row(`${label}, kB of content`, kB(({ content }) => content));
    row('with heads', kB(({ bytes }) => bytes));
    row('to the last byte, ms', (one) => Math.round(median(one[visit].map(({ time }) => time))).toLocaleString('en-US'));
  }
  console.log();
}

console.log(servers.map(({ name, version: of }) => `${name} ${of()}`).join(', '), '\n');
for (const [title, name] of [['Vite build', 'vite'], ['Sphinx site', 'sphinx'], ['source tree', 'source']]) {
  const folder = path.join(folders, name);
  await compare(title, folder);
  if (name === 'source') continue;
  compress(folder);
  await compare(`${title}, compressed before`, folder);
}
