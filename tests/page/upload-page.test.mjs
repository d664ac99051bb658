// The page for handing in files: how it looks, speaks and fails, and the list that leads to it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, names, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { write } from './support/fixture.mjs';
import { startLine } from './support/line.mjs';
import { newFolder, receive, screenshots, share } from './support/program.mjs';
import { MIB, choose, contents, drop, files, hasExactly, row, rowSays, send, state, thanked } from './support/uploader.mjs';

const MESSAGE = 'Please hand in your essay\nuntil Friday.';
const NOBODY = /spot.?serve|cloudflare|actix|tunnel/i;

let folder;
let shared;
let line;
before(async () => {
  await startBrowser();
  folder = newFolder('Homework');
  shared = await receive(folder, '--message', MESSAGE);
  line = await startLine(shared.url);
});
after(async () => {
  line.stop();
  await shared.stop();
  await stopBrowser();
});

// Opens the page over the line, which has no rule afterwards.
const visitPage = (settings, work) => visit(line.url, settings, async (page) => {
  try {
    await work(page);
  } finally {
    line.rule = () => undefined;
    line.isDown = false;
  }
}, () => true);

const picture = (page, name) => page.screenshot({ path: path.join(screenshots, `upload-${name}.png`) });
const fits = async (page) => assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);

// Holds every part but the first of each file. The others are refused as too large.
const holdParts = ({ method, headers }) => {
  if (method === 'PATCH' && headers['upload-offset'] !== '0') return { until: new Promise(() => {}) };
  const isLarge = method === 'POST' && headers['upload-length'] > 20 * MIB;
  return isLarge ? { answer: { status: 413, headers: { 'upload-error': 'too-large' } } } : undefined;
};

const mine = () => files({
  'essay.pdf': 4 * MIB, 'A photo with a name that is rather long, as cameras and people write them.jpg': 9 * MIB,
  'notes.txt': 'notes', 'film.mp4': 21 * MIB,
});

// Each leads from the one before it to the next state of the page.
const steps = [
  ['empty', async () => {}],
  ['chosen', async (page) => {
    await choose(page, mine());
    await row(page, 'film.mp4').waitFor();
  }],
  ['sending', async (page) => {
    line.rule = holdParts;
    await send(page);
    await rowSays(page, 'A photo', '2.1 MB of 9.4 MB');
    await rowSays(page, 'essay.pdf', '2.1 MB of 4.2 MB');
    await rowSays(page, 'notes.txt', 'Delivered');
    await rowSays(page, 'film.mp4', 'Too large.');
  }],
  ['paused', async (page) => {
    await page.locator('#hold').click();
    await page.locator('#left', { hasText: 'Paused' }).waitFor();
  }],
  ['lost', async (page) => {
    line.isDown = true;
    await page.locator('#hold').click();
    await page.locator('#trouble-text', { hasText: 'The connection was lost.' }).waitFor();
  }],
  ['not everything', async (page) => {
    // While the line is down: once it is up, the page may try again before anybody clicks.
    await page.getByRole('button', { name: 'Try again', exact: true }).first().click();
    line.isDown = false;
    line.rule = () => undefined;
    await page.getByRole('button', { name: 'Finish without them' }).waitFor();
  }],
  ['thanks', async (page) => {
    await page.getByRole('button', { name: 'Finish without them' }).click();
    assert.equal((await thanked(page, '3 files were delivered.')).length, 3);
  }],
];

// Controls that are too small for a finger.
const small = (page) => page.evaluate(() => [...document.querySelectorAll('a, button, input, summary, textarea')].flatMap((target) => {
  if (!target.checkVisibility({ visibilityProperty: true })) return [];
  const { width, height } = target.getBoundingClientRect();
  return Math.min(width, height) < 44 ? [`${Math.round(width)} x ${Math.round(height)}: ${target.outerHTML.slice(0, 90)}`] : [];
}));

for (const [kind, settings] of Object.entries({
  desktop: DESKTOP, dark: { ...DESKTOP, colorScheme: 'dark' }, phone: PHONE, 'phone in dark': { ...PHONE, colorScheme: 'dark' },
})) {
  test(`axe finds nothing, and everything fits: ${kind}`, () => visitPage(settings, async (page) => {
    for (const [step, act] of steps) {
      await act(page);
      await hasNoViolation(page);
      await fits(page);
      if (settings.isMobile) assert.deepEqual(await small(page), [], step);
      await picture(page, `${kind}-${step}`.replaceAll(' ', '-'));
    }
    assert.doesNotMatch(await page.content(), NOBODY);
  }));
}

test('what was interrupted is told without a violation', () => visitPage(PHONE, async (page) => {
  line.rule = holdParts;
  await choose(page, mine());
  await send(page);
  await rowSays(page, 'essay.pdf', '2.1 MB of 4.2 MB');
  page.onDialog = (dialog) => dialog.accept();
  await page.reload();
  page.onDialog = null;
  await page.getByRole('heading', { name: 'Choose the same files again to continue' }).waitFor();
  await hasNoViolation(page);
  await picture(page, 'phone-again');
  line.rule = () => undefined;
  const deleted = line.next(({ method }) => method === 'DELETE');
  await page.getByRole('button', { name: 'Don\'t continue' }).click();
  await deleted;
  await page.locator('#again').waitFor({ state: 'hidden' });
  await page.reload();
  assert.equal(await page.locator('#again').isVisible(), false);
}));

for (const [language, word, direction] of [
  ['de', 'Dateien auswählen', 'ltr'], ['fr', 'Choisir des fichiers', 'ltr'], ['es', 'Elegir archivos', 'ltr'],
  ['ja', 'ファイルを選ぶ', 'ltr'], ['ar', 'اختيار ملفات', 'rtl'],
]) {
  test(`the uploader speaks ${language}`, () => visitPage({ ...PHONE, locale: language }, async (page) => {
    assert.equal(await page.locator('[data-opens=files]').innerText(), word);
    assert.equal(await page.locator('html').getAttribute('dir'), direction);
    line.rule = holdParts;
    await choose(page, mine());
    await page.locator('#last button').click();
    await page.locator('.failed').waitFor();
    await page.locator('#items li', { hasText: 'essay.pdf' }).locator('.state', { hasText: '2' }).waitFor();
    await hasNoViolation(page);
    await fits(page);
    await picture(page, `phone-${language}`);
    // No text was forgotten.
    assert.doesNotMatch(await page.locator('main').innerText(), /undefined|\{\w+\}/);
  }));
}

test('the uploader fits at twice the text size, and without motion', () =>
  visitPage({ viewport: { width: 640, height: 800 } }, async (page) => {
    await page.evaluate(() => { document.documentElement.style.fontSize = '32px'; });
    line.rule = holdParts;
    await fits(page);
    await choose(page, mine());
    await send(page);
    await rowSays(page, 'essay.pdf', '2.1 MB of 4.2 MB');
    await fits(page);
    await picture(page, 'text-200');
    const moving = await page.evaluate(() => document.getAnimations().length);
    assert.equal(moving, 0);
  }));

test('everything works with the keyboard, and the focus is never lost', () => visitPage(DESKTOP, async (page) => {
  const focused = () => page.evaluate(() => {
    const { activeElement: at } = document;
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const name = at.ariaLabel ?? (at.labels?.[0] ?? at).textContent.trim();
    return name + (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 ? '' : ' UNSEEN');
  });
  const tab = async (expected) => {
    await page.keyboard.press('Tab');
    assert.equal(await focused(), expected);
  };
  page.on('filechooser', (chooser) => chooser.setFiles(files({ 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' })));
  await tab('Choose files');
  await page.keyboard.press('Enter');
  await row(page, 'c.txt').waitFor();
  assert.equal(await focused(), 'Choose files');
  await tab('Choose a folder');
  await tab('Remove a.txt');
  await tab('Remove b.txt');
  await page.keyboard.press('Enter');
  await row(page, 'b.txt').waitFor({ state: 'detached' });
  assert.equal(await focused(), 'Remove c.txt');
  await tab('Your name (optional)');
  await page.keyboard.type('Ada');
  await tab('Write a message (optional)');
  await tab('Send');
  let goOn;
  const until = new Promise((resolve) => { goOn = resolve; });
  line.rule = ({ method }) => (method === 'POST' ? { until } : undefined);
  await page.keyboard.press('Enter');
  await row(page, 'a.txt').locator('progress:visible').waitFor();
  assert.match(await focused(), /^Pause/);
  goOn();
  await thanked(page, '2 files were delivered.');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Thank you.');
  await tab('Send more files');
  await page.keyboard.press('Enter');
  assert.match(await focused(), /^Choose files/);
}));

test('a screen reader is told what happens, and not every percent', () => visitPage(DESKTOP, async (page) => {
  await page.evaluate(() => {
    globalThis.said = [];
    new MutationObserver(() => globalThis.said.push(document.getElementById('said').textContent))
      .observe(document.getElementById('said'), { childList: true });
  });
  await choose(page, files({ 'a.bin': 24 * MIB, 'b.txt': 'b' }));
  await send(page);
  await thanked(page, '2 files were delivered.');
  const said = await page.evaluate(() => globalThis.said);
  assert.deepEqual(said.slice(0, 2), ['Added: 2 files', 'Sending 2 files']);
  assert.ok(said.length <= 5, said.join());
  assert.ok(said.slice(2).every((each) => /^(25|50|75)% sent$/.test(each)), said.join());
}));

for (const [code, status, text, isOfFile] of [
  ['setting-off', 403, "Files can't be sent here right now. Ask the person who gave you the link."],
  ['ended', 410, 'This is no longer shared. Ask the person who gave you the link for a new one.'],
  ['too-many', 429, 'Too many files are being sent right now. Sending continues in a moment.'],
  ['away', 503, 'The folder can\'t be reached right now. Sending continues when it is back.'],
  ['', 401, 'The password is needed again.'],
  ['', 502, 'The connection was lost. Sending continues when it is back.'],
  ['too-large', 413, 'Too large.', true],
  ['quota', 413, 'The limit for this link has been reached.', true],
  ['disk-full', 507, 'The computer that receives the files has no space left.', true],
  ['name', 400, 'A file with this name can\'t be accepted.', true],
]) {
  test(`an error is told in words, and can be overcome: ${code || status}`, () => visitPage(DESKTOP, async (page) => {
    const headers = { 'retry-after': '600', ...(code && { 'upload-error': code }) };
    line.rule = ({ method }) => (method === 'POST' ? { answer: { status, headers } } : undefined);
    const [file] = files({ [`error-${code}-${status}.txt`]: 'x' });
    await choose(page, file);
    await send(page);
    const place = isOfFile ? row(page, 'error-').locator('.state') : page.getByRole('alert');
    await place.filter({ hasText: text }).waitFor();
    line.rule = () => undefined;
    const again = isOfFile ? page.getByRole('button', { name: /^Send error-.* again$/ }) : page.getByRole('button', { name: 'Try again', exact: true });
    if (/too-large|name/.test(code)) {
      assert.equal(await again.count(), 0);
      await page.getByRole('button', { name: /^Remove error-/ }).click();
      await page.getByText('Drop files or folders here').waitFor();
    } else {
      await again.click();
      await thanked(page, '1 file was delivered.');
    }
  }));
}

test('there are no thanks before the server knows that this was all', () => visitPage(DESKTOP, async (page) => {
  const headers = { 'upload-error': 'away', 'retry-after': '600' };
  line.rule = ({ url }) => (url.includes('?delivered') ? { answer: { status: 503, headers } } : undefined);
  await choose(page, files({ 'last.txt': 'last' }));
  await send(page);
  await page.getByRole('alert').filter({ hasText: 'The folder can\'t be reached right now.' }).waitFor();
  await rowSays(page, 'last.txt', 'Delivered');
  assert.equal(await page.getByRole('heading', { name: 'Thank you.' }).isVisible(), false);
  line.rule = () => undefined;
  await page.getByRole('button', { name: 'Try again', exact: true }).click();
  await thanked(page, '1 file was delivered.');
}));

test('a file that has changed or gone is told from a lost connection', () => visitPage(DESKTOP, async (page) => {
  const [file] = files({ 'gone.bin': 5 * MIB });
  line.rule = ({ method }) => (method === 'PATCH' ? { until: new Promise(() => {}) } : undefined);
  await choose(page, file);
  const asked = line.next(({ method }) => method === 'PATCH');
  await send(page);
  await asked;
  await page.locator('#hold').click();
  await page.locator('#left', { hasText: 'Paused' }).waitFor();
  fs.rmSync(file);
  line.rule = () => undefined;
  await page.locator('#hold').click();
  await rowSays(page, 'gone.bin', 'This file can\'t be read any more.');
  await page.getByRole('button', { name: 'Remove gone.bin' }).click();
  await page.getByText('Drop files or folders here').waitFor();
}));

test('the page says at once what is too large, and that nothing is taken any more', () => visitPage(DESKTOP, async (page) => {
  await page.route('**/?uploads=json', (route) => route.fulfill({ json: { allowed: true, maxBytes: 1_000_000, left: null } }));
  await page.reload();
  await choose(page, files({ 'large.bin': 2 * MIB, 'small.txt': 'small' }));
  await rowSays(page, 'large.bin', 'Too large: a file can be up to 1.0 MB.');
  assert.equal(await state(page, 'small.txt'), '5 bytes');
  await page.route('**/?uploads=json', (route) => route.fulfill({ json: { allowed: false } }));
  await page.reload();
  await page.getByRole('alert').filter({ hasText: "Files can't be sent here right now." }).waitFor();
}));

test('the same file is not sent twice, and nothing is not sent at all', () => visitPage(DESKTOP, async (page) => {
  await send(page);
  await page.getByRole('alert').filter({ hasText: 'Choose at least one file, or write a message.' }).waitFor();
  const [file] = files({ 'once.txt': 'once' });
  await choose(page, file);
  await row(page, 'once.txt').waitFor();
  await choose(page, file);
  await page.getByRole('alert').filter({ hasText: '“once.txt” is already in the list.' }).waitFor();
  assert.equal(await page.locator('#items li').count(), 1);
}));

test('everything can be cancelled, after a question', () => visitPage(DESKTOP, async (page) => {
  const before = Object.keys(contents(folder));
  line.rule = holdParts;
  await choose(page, files({ 'no.bin': 5 * MIB, 'nor.bin': 6 * MIB }));
  await send(page);
  await rowSays(page, 'no.bin', '2.1 MB of 5.2 MB');
  await rowSays(page, 'nor.bin', '2.1 MB of 6.3 MB');
  const asked = [];
  page.onDialog = (dialog) => { asked.push(dialog.message()); return dialog.accept(); };
  const deleted = Promise.all(['no', 'nor'].map(() => line.next(({ method }) => method === 'DELETE')));
  await page.getByRole('button', { name: 'Cancel all' }).click();
  await deleted;
  assert.deepEqual(asked, ['Cancel everything? Anything received from unfinished files will be deleted.']);
  await page.getByText('Drop files or folders here').waitFor();
  // Nothing warns any more.
  await page.reload();
  assert.deepEqual(asked.length, 1);
  // The answers to DELETE arrive before the next page is asked for, or are on their way.
  for (let tries = 0; tries < 100 && Object.keys(contents(folder)).length > before.length; tries++) await page.reload();
  assert.deepEqual(Object.keys(contents(folder)), before);
}));

test('the camera is offered on a phone, and its photo gets a name', () => visitPage(PHONE, async (page) => {
  assert.equal(await page.locator('#camera').getAttribute('capture'), 'environment');
  assert.equal(await page.getByText('Choose a folder').isVisible(), false);
  page.on('filechooser', (chooser) => chooser.setFiles({ name: 'image.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('photo') }));
  await page.getByRole('button', { name: 'Take a photo' }).click();
  await row(page, /Photo \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.jpg/).waitFor();
}));

test('with very many files the page stays small, and all arrive', () => visitPage(DESKTOP, async (page) => {
  const COUNT = 400;
  const root = path.join(newFolder(), 'Many');
  files(Object.fromEntries(Array.from({ length: COUNT }, (_, n) => [`${n % 7}/${n}.txt`, String(n)])), root);
  await page.locator('#folder').setInputFiles(root);
  await page.locator('#sum', { hasText: '400 files' }).waitFor();
  const elements = () => page.evaluate(() => document.querySelectorAll('*').length);
  assert.ok(await elements() < 2500, String(await elements()));
  assert.equal(await page.locator('#more').innerText(), '+ 300 files');
  await picture(page, 'many');
  await send(page);
  await page.locator('#counts', { hasText: /^\d{2,}/ }).waitFor();
  assert.ok(await elements() < 2500, String(await elements()));
  await page.getByRole('heading', { name: 'Thank you.' }).waitFor();
  assert.equal(await page.locator('#thanks p').first().innerText(), '400 files were delivered.');
  const found = fs.readdirSync(path.join(folder, 'Many'), { recursive: true, withFileTypes: true });
  assert.equal(found.filter((entry) => entry.isFile()).length, COUNT);
}));

test('without JavaScript a plain form does it', async () => {
  const inbox = newFolder('Homework');
  const plain = await receive(inbox, '--message', MESSAGE);
  try {
    await visit(plain.url, { ...PHONE, javaScriptEnabled: false }, async (page) => {
      await page.screenshot({ path: path.join(screenshots, 'upload-no-script.png') });
      assert.match(await page.locator('main').innerText(), /Files can be up to 100 MB in total, because JavaScript is switched off\./);
      for (const hidden of ['Drop files or folders here', 'You can also paste', 'Take a photo']) {
        assert.equal(await page.getByText(hidden).isVisible(), false, hidden);
      }
      const [essay, notes] = files({ 'essay.pdf': 70_000, 'notes & more.txt': 'notes' });
      await page.getByLabel('Choose files').setInputFiles([essay, notes]);
      await page.getByLabel('Your name').fill('Ada');
      await page.locator('summary').click();
      await page.locator('textarea').fill('Here it is.');
      await page.screenshot({ path: path.join(screenshots, 'upload-no-script-filled.png') });
      await send(page);
      assert.deepEqual(await thanked(page, '3 files were delivered.'), ['Text.txt 11 bytes', 'essay.pdf 70 kB', 'notes & more.txt 5 bytes']);
      await page.screenshot({ path: path.join(screenshots, 'upload-no-script-thanks.png') });
      hasExactly(inbox, { 'essay.pdf': essay, 'notes & more.txt': notes, 'Text.txt': Buffer.from('Here it is.') });
      await page.getByRole('link', { name: 'Send more files' }).click();
      await send(page);
      assert.equal(await page.getByRole('alert').innerText(), 'Choose at least one file, or write a message.');
    }, () => true);
  } finally {
    await plain.stop();
  }
});

test('visitors add to a folder that they see', async () => {
  const open = newFolder('Holiday');
  write(open, 'old.txt', 'old');
  fs.mkdirSync(path.join(open, 'Inner'));
  const both = await share('--uploads', open);
  try {
    await visit(both.url, DESKTOP, async (page) => {
      await hasNoViolation(page);
      await page.screenshot({ path: path.join(screenshots, 'upload-list.png') });
      await page.getByRole('link', { name: 'Inner' }).click();
      await page.waitForURL('**/Inner/');
      await page.getByRole('link', { name: 'Add files' }).click();
      assert.equal(await page.locator('h1:visible').innerText(), 'Add files to Inner');
      assert.match(await page.locator('header').innerText(), /Everyone who has the link can see what you add\./);
      await hasNoViolation(page);
      await page.screenshot({ path: path.join(screenshots, 'upload-to-folder.png') });
      const [file] = files({ 'new.txt': 'new' });
      await choose(page, file);
      await send(page);
      await thanked(page, '1 file was delivered.');
      await page.screenshot({ path: path.join(screenshots, 'upload-to-folder-thanks.png') });
      await page.locator('#thanks').getByRole('link', { name: 'Back to the folder' }).click();
      await page.locator('.e bdi', { hasText: 'new.txt' }).waitFor();
      assert.deepEqual(await names(page), ['new.txt']);
      hasExactly(open, { 'old.txt': path.join(open, 'old.txt'), 'Inner/new.txt': file });
    });
    await visit(both.url, PHONE, async (page) => {
      await hasNoViolation(page);
      await fits(page);
      await page.screenshot({ path: path.join(screenshots, 'upload-list-phone.png') });
    });
  } finally {
    await both.stop();
  }
});

test('a folder that is dropped on the list is added', async () => {
  const open = newFolder('Holiday');
  write(open, 'old.txt', 'old');
  const both = await share('--uploads', open);
  const root = path.join(newFolder(), 'Trip');
  files({ 'Day 1/beach.txt': 'beach', 'map.txt': 'map' }, root);
  try {
    await visit(both.url, DESKTOP, async (page) => {
      await page.evaluate(() => {
        const event = new Event('dragenter', { bubbles: true, cancelable: true });
        document.body.dispatchEvent(Object.assign(event, { dataTransfer: { types: ['Files'] } }));
      });
      await page.screenshot({ path: path.join(screenshots, 'upload-list-drop.png') });
      await drop(page, root);
      await row(page, 'map.txt').waitFor();
      assert.equal(new URL(page.url()).search, '?upload');
      assert.equal(await page.locator('h1:visible').innerText(), 'Add files to Holiday');
      await hasNoViolation(page);
      await page.goBack();
      await page.getByText('old.txt').waitFor();
      assert.equal(page.url(), both.url);
      await drop(page, root);
      await row(page, 'map.txt').waitFor();
      await send(page);
      await thanked(page, '2 files were delivered.');
      await page.locator('#thanks').getByRole('link', { name: 'Back to the folder' }).click();
      assert.deepEqual(await names(page), ['Trip', 'old.txt']);
    });
    hasExactly(open, {
      'old.txt': path.join(open, 'old.txt'), 'Trip/map.txt': path.join(root, 'map.txt'), 'Trip/Day 1/beach.txt': path.join(root, 'Day 1/beach.txt'),
    });
  } finally {
    await both.stop();
  }
});

test('a list to which nobody may add has nothing for it, and takes no drops', async () => {
  const closed = newFolder('Closed');
  write(closed, 'old.txt');
  const one = await share(closed);
  try {
    await visit(one.url, DESKTOP, async (page) => {
      assert.equal(await page.getByText('Add files').count(), 0);
      assert.equal(await page.locator('style').count(), 1);
      assert.equal(await page.locator('script[type=module]').count(), 1);
      assert.doesNotMatch(await page.content(), /dragenter|upload/);
    });
    assert.equal((await fetch(`${one.url}?upload`, { method: 'POST', headers: { 'tus-resumable': '1.0.0', 'upload-length': '1' } })).status, 403);
  } finally {
    await one.stop();
  }
});
