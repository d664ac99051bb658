// Compares what visitors wait for, and prints tables of medians.
//
// usage: node bench.mjs [ROUNDS] [TABLE...], with first, long and pictures for TABLE

import { execFileSync } from 'node:child_process';
import { long, ordinary, photos } from './folders.mjs';
import { browser, firstView, galleryView, longView, PATIENCE, photoView, SLOW } from './measure.mjs';
import { servers } from './servers.mjs';

const [rounds = '3', ...named] = process.argv.slice(2);
const PHOTOS = 500;
let port = 18_100;

// Measures with every server in turn, each time with one that was just started. Returns lists by name.
async function compare(folder, measure) {
  const taken = Object.fromEntries(servers.map(({ name }) => [name, []]));
  for (let round = 1; round <= Number(rounds); round++) {
    // Another one is the first each time.
    const first = round % servers.length;
    for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
      // Nobody waits for it a second time.
      if (taken[server.name].includes(null)) continue;
      const running = await server.start(folder, port++);
      try {
        taken[server.name].push(await measure(server, running));
      } catch (error) {
        if (error.name !== 'TimeoutError') throw error;
        taken[server.name].push(null);
      } finally {
        await running.stop();
      }
      console.error(`round ${round}, ${server.name}:`, JSON.stringify(taken[server.name].at(-1)));
    }
  }
  return taken;
}

const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];

function print(title, rows) {
  const [ours, other] = servers;
  console.log(`| ${[title, ...servers.map(({ name }) => name), `vs ${other.name}`].join(' | ')} |`);
  console.log('|---'.repeat(servers.length + 2) + '|');
  for (const [what, taken, number] of rows) {
    const medians = servers.map(({ name }) => {
      // Only a time tells that it was too long.
      if (taken[name].includes(null)) return /, m?s$/.test(what) ? Infinity : undefined;
      return median(taken[name].map(number).filter((number) => number !== undefined));
    });
    const ratios = taken[ours.name].map((one, round) => number(one ?? {}) / number(taken[other.name][round] ?? {}));
    const ratio = median(ratios.filter(Boolean));
    console.log(`| ${[what, ...medians.map(shown), ratio?.toFixed(2) ?? ''].join(' | ')} |`);
  }
  console.log();
}

function shown(number) {
  if (number === undefined) return '–';
  if (number === Infinity) return `more than ${PATIENCE / 1000} s`;
  return number >= 100 ? Math.round(number).toLocaleString('en-US') : number.toLocaleString('en-US', { maximumSignificantDigits: 2 });
}

const kB = (bytes) => bytes && bytes / 1000;
const MB = (bytes) => bytes && bytes / 1e6;
const seconds = (milliseconds) => milliseconds && milliseconds / 1000;

const tables = {
  async first() {
    const taken = await compare(ordinary(), async (server, running) => ({
      fast: await firstView(server, running, {}),
      slow: await firstView(server, running, SLOW),
    }));
    print('first view of 40 files', [
      ['requests', taken, ({ fast }) => fast?.requests],
      ['kB', taken, ({ fast }) => kB(fast?.bytes)],
      ['first name, ms', taken, ({ fast }) => fast?.seen],
      ['the same on a slow line, ms', taken, ({ slow }) => slow?.seen],
    ]);
  },
  async long() {
    for (const count of [10_000, 100_000]) {
      const taken = await compare(long(count), longView);
      print(`${count.toLocaleString('en-US')} files`, [
        ['first rows, s', taken, ({ seen }) => seconds(seen)],
        ['kB', taken, ({ bytes }) => kB(bytes)],
        ['server, MB', taken, ({ server }) => MB(server)],
        ['JavaScript heap, MB', taken, ({ heap }) => MB(heap)],
        ['elements in the page', taken, ({ elements }) => elements],
      ]);
    }
  },
  async pictures() {
    const page = await browser.newPage();
    const { folder, bytes } = await photos(page, PHOTOS);
    await page.close();
    const title = `${PHOTOS} photos of ${shown(MB(bytes))} MB on a slow line`;
    const gallery = await compare(folder, galleryView);
    print(title, [
      ['pictures on the first screen', gallery, ({ tiles }) => tiles],
      ['all of them are there, s', gallery, ({ there }) => seconds(there)],
      ['kB until then', gallery, ({ thereBytes }) => kB(thereBytes)],
      ['all of them are sharp, s', gallery, ({ sharp }) => seconds(sharp)],
      ['kB until then', gallery, ({ sharpBytes }) => kB(sharpBytes)],
      ['kB of a picture', gallery, ({ coarseBytes }) => kB(coarseBytes)],
      ['kB of a sharp one', gallery, ({ tileBytes }) => kB(tileBytes)],
    ]);
    for (const { name } of servers) console.log(`${name}: ${gallery[name][0]?.kind ?? 'no pictures in the list'}`);
    const photo = await compare(folder, photoView);
    print(title, [
      ['an opened photo is sharp, s', photo, ({ opened }) => seconds(opened)],
      ['kB until then', photo, ({ openedBytes }) => kB(openedBytes)],
      ['its width in pixels', photo, ({ openedWidth }) => openedWidth],
    ]);
  },
};

console.log(servers.map(({ name, version }) => `${name} ${version()}`).join(', '));
console.log(`Chromium ${browser.version()}; ${execFileSync('uname', ['-sr'])}`);
for (const table of named.length ? named : Object.keys(tables)) await tables[table]();
await browser.close();
process.exit();
