// WebKit as it is in GTK's browsers, over WebDriver, on a screen of its own that nobody sees.
//
// It is driven by plain requests (https://www.w3.org/TR/webdriver2/). What it can't do there: touch,
// windows narrower than 447 px, and another colour scheme than the one that it was started with.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { newFolder } from './program.mjs';

const DRIVER = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const KEYS = {
  Enter: '\uE007', Tab: '\uE004', Escape: '\uE00C', Home: '\uE011', End: '\uE010', PageDown: '\uE00F',
  ArrowLeft: '\uE012', ArrowUp: '\uE013', ArrowRight: '\uE014', ArrowDown: '\uE015',
};
// What the window has above the page.
const BAR = 38;

const freePort = () => new Promise((resolve, reject) => {
  const server = net.createServer().on('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

// Starts an X server, and returns how to stop it. It chooses its number itself.
function startScreen() {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  process.on('exit', () => screen.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    screen.on('error', reject);
    screen.on('exit', (code) => reject(new Error(`Xvfb ended with ${code}.`)));
    screen.stdio[3].once('data', (number) => resolve({ display: `:${String(number).trim()}`, stop: () => screen.kill() }));
  });
}

function browser() {
  const places = fs.readdirSync('/usr/lib').map((each) => `/usr/lib/${each}/webkit2gtk-4.1/MiniBrowser`);
  return places.find((each) => fs.existsSync(each));
}

export async function openWebKit({ dark = false } = {}) {
  const screen = await startScreen();
  const port = await freePort();
  const home = newFolder('home');
  // With this locale, WebKit tells pages of a language that isn't one: "C".
  const env = { PATH: process.env.PATH, HOME: home, DISPLAY: screen.display, LANG: 'C.UTF-8', GDK_BACKEND: 'x11' };
  if (dark) env.GTK_THEME = 'Adwaita:dark';
  const driver = spawn(DRIVER, [`--port=${port}`], { env, stdio: 'ignore' });
  process.on('exit', () => driver.kill('SIGKILL'));

  async function call(method, path, body) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`WebKit, ${path}: ${value.error}: ${value.message}`);
    return value;
  }
  const isReady = () => call('GET', '/status').then(() => true, () => false);
  const latest = Date.now() + 60_000;
  while (!(await isReady())) {
    const ended = driver.exitCode ?? driver.signalCode;
    if (ended !== null) throw new Error(`${DRIVER} ended with ${ended}.`);
    if (Date.now() > latest) throw new Error(`${DRIVER} didn't answer within a minute.`);
    await pause(50);
  }
  const { sessionId } = await call('POST', '/session', {
    capabilities: { alwaysMatch: { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': { binary: browser(), args: ['--automation'] } } },
  });
  const session = (method, path, body) => call(method, `/session/${sessionId}${path}`, body);
  await session('POST', '/timeouts', { script: 120_000, pageLoad: 120_000 });

  const find = async (selector) =>
    (await session('POST', '/element', { using: 'css selector', value: selector }))[ELEMENT];
  const press = (key) => {
    const value = KEYS[key] ?? key;
    const actions = [{ type: 'key', id: 'keys', actions: [{ type: 'keyDown', value }, { type: 'keyUp', value }] }];
    return session('POST', '/actions', { actions });
  };
  const evaluate = async (work, ...args) => {
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${work})(...[...arguments].slice(0, -1)))
        .then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await session('POST', '/execute/async', { script, args });
    if (error) throw new Error(error);
    return value;
  };
  const wrong = [];
  return {
    goto: async (url) => {
      wrong.push(...(await evaluate(() => globalThis.testErrors ?? [])));
      await session('POST', '/url', { url });
      // The driver tells nothing of the console. What fails while a page loads shows in what it lacks.
      await evaluate(() => {
        globalThis.testErrors = [];
        const tell = (what) => globalThis.testErrors.push(String(what));
        addEventListener('error', ({ message }) => message && tell(message));
        addEventListener('unhandledrejection', ({ reason }) => tell(reason));
        addEventListener('securitypolicyviolation', ({ violatedDirective }) => tell(violatedDirective));
        console.error = tell;
        console.warn = tell;
      });
    },
    evaluate,
    run: (script) => session('POST', '/execute/sync', { script, args: [] }),
    click: async (selector) => {
      // What is laid out only in view can be clicked when it was drawn there.
      await evaluate((selector) => {
        document.querySelector(selector).scrollIntoView({ block: 'nearest' });
        return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      }, selector);
      await session('POST', `/element/${await find(selector)}/click`, {});
    },
    press,
    fill: async (selector, text) => {
      const element = await find(selector);
      await session('POST', `/element/${element}/clear`, {});
      if (text) await session('POST', `/element/${element}/value`, { text });
    },
    choose: async (selector, file) => session('POST', `/element/${await find(selector)}/value`, { text: file }),
    size: (width, height) => session('POST', '/window/rect', { width, height: height + BAR }),
    picture: async (file) => fs.writeFileSync(file, Buffer.from(await session('GET', '/screenshot'), 'base64')),
    errors: async () => wrong.concat(await evaluate(() => globalThis.testErrors ?? [])),
    close: async () => {
      await session('DELETE', '').catch(() => {});
      driver.kill();
      screen.stop();
    },
  };
}
