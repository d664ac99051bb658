// The main functions of the pages in Chromium, Firefox and WebKit. Each engine starts once in each
// colour scheme.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ENGINES, openEngine, video } from './support/engines.mjs';
import { png, project, write } from './support/fixture.mjs';
import { newFolder, receive, share } from './support/program.mjs';

const PASSWORD = 'quiet river';
const LINES = [5_000, 20_000];
// WebKit's windows have at least this width.
const PHONE = [447, 800];
const DESKTOP = [1280, 800];

let shared;
let locked;
let inbox;
let received;
before(async () => {
  const folder = project();
  write(folder, 'Picture.png', png(300, 200, 2));
  for (const count of LINES) {
    write(folder, `${count}.log`, Array.from({ length: count }, (_, n) => `${n} GET /index.html 200 in 13 ms\n`).join(''));
  }
  const chromium = await openEngine('chromium');
  fs.copyFileSync(await video(chromium), path.join(folder, 'Film.webm'));
  await chromium.close();
  received = newFolder('Inbox');
  [shared, locked, inbox] = await Promise.all([share(folder), share.locked(PASSWORD, folder), receive(received)]);
});
after(() => Promise.all([shared, locked, inbox].map((each) => each?.stop())));

const rows = (engine) => engine.evaluate(() => [...document.querySelectorAll('.e bdi')].map((each) => each.textContent));
const open = (engine, name) => engine.goto(`${shared.url}?open=${name}`);

// How long it takes from a click on a file until all its lines are laid out at the end, in milliseconds.
async function timeToRead(engine, count) {
  await engine.goto(`${shared.url}?sort=name`);
  await engine.sees('.e bdi', `${count}.log`);
  const start = performance.now();
  await engine.click(`.e [title="${count}.log"]`);
  await engine.waitFor((count) => document.querySelectorAll('.stage .lines span').length >= count, count);
  await engine.evaluate(() => {
    const stage = document.querySelector('.stage');
    stage.scrollTop = stage.scrollHeight;
    return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  });
  return performance.now() - start;
}

for (const name of ENGINES) {
  describe(name, () => {
    let engine;
    before(async () => {
      engine = await openEngine(name);
      await engine.size(...DESKTOP);
    });
    after(() => engine?.close());

    // After each, nothing may have gone wrong in the pages.
    const works = (about, work) => test(`${name}: ${about}`, async () => {
      await work();
      assert.deepEqual(await engine.errors(), []);
    });

    works('the list can be sorted and filtered', async () => {
      await engine.goto(shared.url);
      await engine.sees('h1', 'Summer project');
      await engine.sees('#summary', 'MB');
      await engine.click('.head button[value="-size"], .head .size button');
      await engine.waitFor(() => location.search === '?sort=-size');
      assert.equal((await rows(engine))[2], 'Backup.zip');
      await engine.fill('#filter input', 'BUDGET');
      await engine.waitFor(() => document.querySelectorAll('.e').length === 2);
      assert.deepEqual(await rows(engine), ['Budget 10.xlsx', 'Budget 2.xlsx']);
      await engine.picture('list');
    });

    works('a picture opens, the arrow keys lead on, and Esc leads back', async () => {
      await engine.goto(shared.url);
      await engine.click('.e [title="Picture.png"]');
      await engine.waitFor(() => document.querySelector('.stage > img')?.naturalWidth === 300);
      await engine.picture('picture');
      await engine.press('ArrowRight');
      await engine.waitFor(() => !location.search.includes('Picture'));
      await engine.press('Escape');
      await engine.waitFor(() => !document.querySelector('dialog[open]') && !location.search);
    });

    works('a text and Markdown open', async () => {
      await open(engine, 'main.rs');
      await engine.sees('.stage .lines', 'fn main()');
      await engine.picture('code');
      await engine.hasNoViolation('a text');
      await open(engine, 'plan.md');
      await engine.sees('.stage', 'On time.');
      await engine.hasNoViolation('Markdown');
    });

    works('a video plays', async () => {
      await open(engine, 'Film.webm');
      await engine.waitFor(() => document.querySelector('.stage video')?.videoWidth === 160);
      await engine.hasNoViolation('a video');
      await engine.evaluate(() => {
        const video = document.querySelector('.stage video');
        video.muted = true;
        return video.play();
      });
      await engine.waitFor(() => document.querySelector('.stage video').currentTime > 0.2);
    });

    works('a long text takes no longer a line than a short one', async () => {
      // Once before, so that neither pays for what is loaded first.
      await timeToRead(engine, LINES[0]);
      // The least of three: the machine may be busy with something else.
      const least = async (count) => {
        const times = [];
        for (let n = 0; n < 3; n++) times.push(await timeToRead(engine, count));
        return Math.min(...times);
      };
      const [short, long] = [await least(LINES[0]), await least(LINES[1])];
      // It is about four times, and sixteen if each line costs more the more there are.
      assert.ok(long < 8 * short, `${LINES[0]} lines: ${short} ms, ${LINES[1]} lines: ${long} ms`);
    });

    works('a missing page says so', async () => {
      await engine.goto(`${shared.url}nothing/here`);
      await engine.sees('h1', 'Not found');
      await engine.hasNoViolation('not found');
      await engine.picture('not-found');
      await engine.click('main a');
      await engine.sees('h1', 'Summer project');
    });

    works('a password opens the share', async () => {
      await engine.goto(locked.url);
      await engine.sees('h1', 'Password required');
      await engine.hasNoViolation('password');
      await engine.fill('#password', 'wrong');
      await engine.press('Enter');
      await engine.sees('[role=alert]', 'Wrong password');
      await engine.fill('#password', PASSWORD);
      await engine.press('Enter');
      await engine.sees('.e bdi', 'plan.md');
    });

    works('a file can be handed in', async () => {
      const file = path.join(newFolder('Mine'), `Essay of ${name}.txt`);
      fs.writeFileSync(file, 'An essay.\n'.repeat(1000));
      await engine.goto(inbox.url);
      await engine.sees('[data-opens=files]');
      await engine.hasNoViolation('handing in');
      await engine.choose('#files', file);
      await engine.sees('#items li', path.basename(file));
      await engine.click('#last .button');
      await engine.sees('#thanks h1', 'Thank you.');
      await engine.picture('thanks');
      const paths = fs.readdirSync(received, { recursive: true });
      const arrived = paths.find((each) => each.endsWith(path.basename(file)));
      assert.equal(fs.readFileSync(path.join(received, arrived), 'utf8'), fs.readFileSync(file, 'utf8'));
    });

    works('axe finds nothing in the list and the viewer, at the size of a phone too', async () => {
      await engine.goto(shared.url);
      await engine.sees('.e bdi', 'plan.md');
      await engine.hasNoViolation('list');
      await engine.size(...PHONE);
      await engine.hasNoViolation('list on a phone');
      await engine.picture('phone');
      assert.ok(await engine.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await open(engine, 'Picture.png');
      await engine.waitFor(() => document.querySelector('.stage > img')?.naturalWidth === 300);
      await engine.hasNoViolation('picture on a phone');
      await engine.size(...DESKTOP);
    });

    // WebKit has done so all the time, because of the locale that it was started with.
    test(`${name}: dark, and with a language that isn't one`, async () => {
      await engine.close();
      engine = await openEngine(name, { dark: true, languages: ['C'] });
      await engine.goto(shared.url);
      assert.deepEqual(await engine.evaluate(() => [navigator.languages[0], matchMedia('(prefers-color-scheme: dark)').matches]), ['C', true]);
      await engine.sees('#summary', 'MB');
      await engine.hasNoViolation('list in the dark');
      await engine.picture('dark');
      await engine.fill('#filter input', 'plan');
      await engine.waitFor(() => document.querySelectorAll('.e').length === 1);
      await open(engine, 'main.rs');
      await engine.sees('.stage .lines', 'fn main()');
      await engine.hasNoViolation('text in the dark');
      assert.deepEqual(await engine.errors(), []);
    });
  });
}
