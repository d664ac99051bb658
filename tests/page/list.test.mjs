// The list: its content, sorting, filtering, languages, and without JavaScript.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, names, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { DAY, photos, project, write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

let shared;
let photo;
before(async () => {
  await startBrowser();
  shared = await share(project());
  await visit('about:blank', {}, async (page) => { photo = path.join(await photos(page, 1), 'IMG_1001.jpg'); });
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

const NATURAL = [
  'Nothing yet', 'Photos', 'Backup.zip', 'broken.jpg', 'Budget 2.xlsx', 'Budget 10.xlsx', 'Contract.pdf',
  'Interview.wav', 'logo.svg', 'main.rs', 'notes.txt', 'old.txt', 'plan.md', 'README.md', 'Trailer.webm',
];

test('the list shows names, sizes and ages', () => visit(shared.url, DESKTOP, async (page) => {
  assert.equal(await page.locator('h1').innerText(), 'Summer project');
  await page.locator('#summary', { hasText: 'MB' }).waitFor();
  assert.equal(await page.locator('#summary').innerText(), '2 folders · 13 files · 2.8 MB');
  assert.deepEqual(await names(page), NATURAL);
  const row = page.locator('.e', { hasText: 'Budget 10' });
  assert.equal(await row.innerText().then((text) => text.replace(/\s+/g, ' ').trim()), 'Budget 10.xlsx Spreadsheet 180 kB 4 days ago');
  await screenshot(page, 'list');
}));

test('the zip button shows the size of the zip, and downloads it', () => visit(shared.url, DESKTOP, async (page) => {
  await page.waitForFunction(() => document.getElementById('zip').textContent);
  assert.match(await page.locator('#zip').innerText(), /2\.8 MB/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#all').click()]);
  assert.equal(download.suggestedFilename(), 'Summer project.zip');
  const zip = fs.readFileSync(await download.path());
  assert.equal(zip.subarray(0, 2).toString(), 'PK');
  assert.ok(zip.includes('Photos/1.png'));
}));

test('a folder has its own zip, and a file is saved under its name', () => visit(shared.url, DESKTOP, async (page) => {
  const get = async (label) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByLabel(label, { exact: true }).click()]);
    return download.suggestedFilename();
  };
  assert.equal(await get('Download Photos as a zip'), 'Photos.zip');
  assert.equal(await get('Download main.rs'), 'main.rs');
  // What can't be shown is saved from its card.
  await page.getByText('Backup.zip').click();
  const save = page.locator('dialog .acts a[download]');
  const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
  assert.equal(download.suggestedFilename(), 'Backup.zip');
}));

test('folders lead down and breadcrumbs lead up', () => visit(shared.url, DESKTOP, async (page) => {
  await page.getByText('Photos', { exact: true }).click();
  await page.waitForURL('**/Photos/');
  assert.equal(await page.locator('h1').innerText(), 'Photos');
  await page.getByRole('link', { name: 'Summer project' }).click();
  await page.waitForURL(shared.url);
}));

test('the headings sort, and the address bar remembers how', () => visit(shared.url, DESKTOP, async (page) => {
  const heading = (name) => page.locator('.head button', { hasText: name });
  await heading('Size').click();
  assert.equal(new URL(page.url()).search, '?sort=-size');
  assert.deepEqual((await names(page)).slice(0, 4), ['Nothing yet', 'Photos', 'Backup.zip', 'Budget 10.xlsx']);
  assert.equal(await heading('Size').getAttribute('aria-current'), 'true');
  await heading('Size').click();
  assert.equal(new URL(page.url()).search, '?sort=size');
  await heading('Kind').click();
  assert.deepEqual((await names(page)).slice(2, 4), ['broken.jpg', 'logo.svg']);
  await heading('Modified').click();
  assert.deepEqual((await names(page)).slice(2, 4), ['README.md', 'plan.md']);
  const passedOn = page.url();
  const order = await names(page);
  await page.goto('about:blank');
  await page.goto(passedOn);
  assert.deepEqual(await names(page), order);
  await heading('Name').click();
  assert.deepEqual(await names(page), NATURAL);
}));

test('the filter narrows the list while typing', () => visit(shared.url, DESKTOP, async (page) => {
  const filter = page.getByLabel('Filter by name');
  await filter.fill('BUDGET');
  assert.deepEqual(await names(page), ['Budget 2.xlsx', 'Budget 10.xlsx']);
  assert.equal(await page.locator('#status').innerText(), '2 of 15 shown');
  await screenshot(page, 'filter');
  await page.reload();
  assert.deepEqual(await names(page), ['Budget 2.xlsx', 'Budget 10.xlsx']);
  await filter.fill('<b>no such');
  assert.deepEqual(await names(page), []);
  assert.match(await page.locator('#status').innerText(), /<b>no such/);
  await screenshot(page, 'filter-nothing');
  await filter.fill('');
  assert.deepEqual(await names(page), NATURAL);
}));

test('the filter ignores accents and case, however they are encoded', async () => {
  const folder = newFolder('Letters');
  const written = ['Ünterlagen.txt', 'Cafe\u0301.txt', 'Résumé.txt', 'zebra.txt'];
  for (const name of written) write(folder, name);
  const letters = await share(folder);
  try {
    await visit(letters.url, DESKTOP, async (page) => {
      // A letter with an accent sorts next to the one without.
      assert.deepEqual(await names(page), [written[1], 'Résumé.txt', 'Ünterlagen.txt', 'zebra.txt']);
      for (const [text, found] of [['caf\u00e9', written[1]], ['resume', 'Résumé.txt'], ['UNTER', 'Ünterlagen.txt']]) {
        await page.getByLabel('Filter by name').fill(text);
        assert.deepEqual(await names(page), [found]);
      }
    });
  } finally {
    await letters.stop();
  }
});

test('the size includes everything in subfolders', async () => {
  const folder = newFolder('Trip');
  for (const day of ['Day 1', 'Day 2']) {
    fs.mkdirSync(path.join(folder, day));
    write(path.join(folder, day), 'film.bin', Buffer.alloc(2_000_000));
  }
  write(folder, 'note.txt', 'a note');
  // More than a quick look covers.
  fs.mkdirSync(path.join(folder, 'Many'));
  const trip = await share(folder);
  try {
    const told = (page) => page.locator('#summary').innerText();
    await visit(trip.url, { ...DESKTOP, javaScriptEnabled: false }, async (page) => {
      // If counting takes longer than a page may wait, the size is left out.
      for (let tries = 0; tries < 50 && !/MB/.test(await told(page)); tries++) await page.reload();
      assert.equal(await told(page), '3 folders · 1 file · 4.0 MB');
      assert.match(await page.locator('#all').innerText(), /4\.0 MB/);
    });
    for (let n = 0; n < 2100; n++) write(path.join(folder, 'Many'), `${n}.txt`, 'x'.repeat(1000));
    await visit(trip.url, DESKTOP, async (page) => {
      await page.waitForFunction(() => document.getElementById('zip').textContent);
      assert.equal(await told(page), '3 folders · 1 file · 6.1 MB');
      assert.match(await page.locator('#all').innerText(), /6\.\d MB/);
    });
    const total = await (await fetch(`${trip.url}?total`)).json();
    const zip = await fetch(`${trip.url}?archive=zip`, { method: 'HEAD' });
    assert.deepEqual(total, { files: 2103, size: 6_100_006, zip: Number(zip.headers.get('content-length')) });
  } finally {
    await trip.stop();
  }
});

test('a link to a file that is gone leads to a notice', () =>
  visit(`${shared.url}?open=gone%20%3Cb%3E.jpg&sort=size`, DESKTOP, async (page) => {
    assert.match(await page.getByRole('alert').innerText(), /“gone <b>\.jpg” is no longer here/);
    assert.equal(new URL(page.url()).search, '?sort=size');
    assert.equal((await names(page)).length, NATURAL.length);
  }));

test('a README is shown under the list, without anything hostile', () => visit(shared.url, DESKTOP, async (page) => {
  const readme = page.locator('.readme');
  assert.equal(await readme.getByRole('heading', { name: 'Summer project' }).count(), 1);
  assert.match(await readme.innerText(), /<script>alert\(1\)<\/script>/);
  assert.equal(await readme.locator('img, script').count(), 0);
  const targets = await readme.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  assert.deepEqual(targets, ['plan.md', 'https://elsewhere.example/t.gif']);
  await readme.scrollIntoViewIfNeeded();
  await screenshot(page, 'readme');
}));

test('a README that is too long is marked as cut', async () => {
  const folder = newFolder();
  write(folder, 'README.md', '# All of it\n\nA line of words.\n'.repeat(40000));
  const long = await share(folder);
  try {
    await visit(long.url, DESKTOP, async (page) => {
      assert.match(await page.locator('.readme').innerText(), /Only the start is shown\. Download the file/);
    });
  } finally {
    await long.stop();
  }
});

test('an empty folder says so', () => visit(`${shared.url}Nothing%20yet/`, DESKTOP, async (page) => {
  await page.getByText('This folder is empty').waitFor();
  await hasNoViolation(page);
  await screenshot(page, 'empty');
}));

test('a missing page gets an explanation that reveals neither software nor owner', () =>
  visit(`${shared.url}nothing/here`, PHONE, async (page) => {
    assert.equal(await page.locator('h1').innerText(), 'Not found');
    assert.doesNotMatch(await page.content(), /spot.?serve|cloudflare|actix|tunnel/i);
    await hasNoViolation(page);
    await screenshot(page, 'not-found');
    await page.getByRole('link').click();
    await page.waitForURL(shared.url);
  }, (url) => url.endsWith('nothing/here')));

test('without JavaScript everything except viewer, filter and gallery works', () =>
  visit(shared.url, { javaScriptEnabled: false }, async (page) => {
    assert.deepEqual(await names(page), NATURAL);
    assert.equal(await page.locator('#filter').isVisible(), false);
    await page.locator('.head button', { hasText: 'Size' }).click();
    await page.waitForURL('**/?sort=-size');
    assert.deepEqual((await names(page)).slice(2, 4), ['Backup.zip', 'Budget 10.xlsx']);
    assert.match(await page.locator('.e', { hasText: 'Backup' }).innerText(), /2\.4 MB\s+20\d\d-\d\d-\d\d/);
    await page.locator('.head button', { hasText: 'Size' }).click();
    await page.waitForURL('**/?sort=size');
    assert.equal((await names(page)).at(-1), 'Backup.zip');
    await screenshot(page, 'no-script');
    await page.getByText('main.rs').first().click();
    await page.waitForURL('**/main.rs');
    assert.match(await page.locator('body').innerText(), /fn main/);
    // For a file opened directly, the browser requests an icon.
  }, (url) => url.endsWith('/favicon.ico')));

for (const [language, word, direction] of [
  ['de', 'Alles herunterladen', 'ltr'], ['fr', 'Tout télécharger', 'ltr'], ['es', 'Descargar todo', 'ltr'],
  ['ja', 'すべてダウンロード', 'ltr'], ['ar', 'تنزيل الكل', 'rtl'],
]) {
  test(`the page speaks ${language}`, () => visit(shared.url, { ...PHONE, locale: language }, async (page) => {
    assert.match(await page.locator('#all').innerText(), new RegExp(word));
    assert.equal(await page.locator('html').getAttribute('dir'), direction);
    assert.equal(await page.locator('html').getAttribute('lang'), language);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 390);
    await screenshot(page, `phone-${language}`);
  }));
}

test('sizes and dates are formatted for the visitor\'s locale', () =>
  visit(shared.url, { locale: 'de-DE' }, async (page) => {
    const row = page.locator('.e', { hasText: 'Backup.zip' });
    assert.equal(await row.locator('.size').innerText(), '2,4 MB');
    assert.match(await row.locator('time').innerText(), /^\d\d\.\d\d\.\d{4}$/);
  }));

for (const [name, settings] of [
  ['list-desktop', DESKTOP], ['list-dark', { ...DESKTOP, colorScheme: 'dark' }],
  ['phone-list', PHONE], ['phone-dark', { ...PHONE, colorScheme: 'dark' }],
]) {
  test(`axe finds nothing in ${name}`, () => visit(shared.url, settings, async (page) => {
    await hasNoViolation(page);
    await screenshot(page, name);
  }));
}

test('nothing is cut off at twice the text size', () =>
  visit(shared.url, { viewport: { width: 640, height: 400 } }, async (page) => {
    await page.evaluate(() => { document.documentElement.style.fontSize = '32px'; });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 640));
    await screenshot(page, 'text-200');
  }));

test('everything can be reached by keyboard, and the focus is visible', () =>
  visit(shared.url, DESKTOP, async (page) => {
    const reached = [];
    for (let presses = 0; presses < 13; presses++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        const name = document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim();
        return `${name}${outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2 ? '' : ' UNSEEN'}`;
      }));
    }
    assert.match(reached.join('|'), /Download all.*\|Filter by name\|Select\|List\|Gallery\|Name.*\|Kind\|Size\|Modified\|Nothing yet\|Download Nothing yet as a zip\|Photos\|/);
    assert.doesNotMatch(reached.join('|'), /UNSEEN/);
  }));

test('a link has a preview in messengers', async () => {
  const folder = newFolder('Holiday');
  write(folder, 'a.txt', 'x'.repeat(2000), DAY);
  fs.copyFileSync(photo, path.join(folder, 'beach <1>.jpg'));
  const holiday = await share(folder);
  try {
    const page = await (await fetch(holiday.url)).text();
    const meta = Object.fromEntries([...page.matchAll(/<meta property="og:(\w+)" content="([^"]*)">/g)].map((m) => [m[1], m[2]]));
    assert.equal(meta.title, 'Holiday');
    assert.match(meta.description, /^2 files · /);
    assert.equal(meta.url, holiday.url);
    assert.equal(meta.image, `${holiday.url}beach%20%3C1%3E.jpg?card`);
    const picture = await fetch(meta.image);
    assert.equal(picture.headers.get('content-type'), 'image/jpeg');
    const opened = await (await fetch(`${holiday.url}?open=beach%20%3C1%3E.jpg`)).text();
    assert.match(opened, /og:title" content="beach &#60;1&#62;.jpg"/);
    assert.ok(opened.includes(`og:url" content="${holiday.url}?open=beach%20%3C1%3E.jpg"`));
  } finally {
    await holiday.stop();
  }
});

test('the preview of a share without a picture shows one from a folder, or a drawing', async () => {
  const folder = newFolder('Trip');
  fs.mkdirSync(path.join(folder, 'Day 1'));
  const trip = await share(folder);
  const picture = async () => /og:image" content="([^"]*)"/.exec(await (await fetch(trip.url)).text())[1];
  try {
    const drawing = await fetch(await picture());
    assert.equal(drawing.headers.get('content-type'), 'image/png');
    assert.ok((await drawing.arrayBuffer()).byteLength > 1000);
    fs.copyFileSync(photo, path.join(folder, 'Day 1/beach.jpg'));
    assert.equal(await picture(), `${trip.url}Day%201/beach.jpg?card`);
  } finally {
    await trip.stop();
  }
});

test('the order and the layout stay on the way into a folder and back', () => visit(shared.url, DESKTOP, async (page) => {
  await page.locator('.head button', { hasText: 'Size' }).click();
  await page.locator('#layouts button[value=gallery]').click();
  await page.locator('.e .open', { hasText: 'Photos' }).click();
  await page.waitForURL('**/Photos/?sort=-size&view=gallery');
  assert.equal(await page.locator('body.gallery').count(), 1);
  await page.locator('#layouts button[value=list]').click();
  await page.locator('header nav a').click();
  await page.waitForURL(`${shared.url}?sort=-size&view=list`);
  await page.goBack();
  await page.waitForURL('**/Photos/?sort=-size&view=list');
}));

test('buttons show all they say, however large the text is', async () => {
  for (const [width, size] of [[360, 24], [390, 32]]) {
    await visit(shared.url, { ...PHONE, viewport: { width, height: 800 } }, async (page) => {
      await page.evaluate((size) => { document.documentElement.style.fontSize = `${size}px`; }, size);
      const cut = await page.evaluate(() => [...document.querySelectorAll('.button')].flatMap((button) => {
        const range = document.createRange();
        range.selectNodeContents(button);
        const [inner, outer] = [range.getBoundingClientRect(), button.getBoundingClientRect()];
        return inner.left < outer.left || inner.right > outer.right ? [button.innerText] : [];
      }));
      assert.deepEqual(cut, []);
    });
  }
});

test('on a phone the folders above take one line, with the nearest in view', async () => {
  const folder = newFolder('The whole of our archive');
  const names = ['A rather long folder name', 'Another one in it', 'And one more below that', 'The last of them'];
  fs.mkdirSync(`${folder}/${names.join('/')}`, { recursive: true });
  const deep = await share(folder);
  try {
    await visit(`${deep.url}${names.map(encodeURIComponent).join('/')}/`, PHONE, async (page) => {
      const { height } = await page.locator('header nav').boundingBox();
      assert.ok(height < 60, `${height}`);
      const last = await page.locator('header nav a').last().boundingBox();
      assert.ok(last.x >= 0 && last.x + last.width <= 390);
      await screenshot(page, 'phone-folders-above');
    });
  } finally {
    await deep.stop();
  }
});

test('a link to a text marks nothing as focused until a key is used', () =>
  visit(`${shared.url}?open=notes.txt`, DESKTOP, async (page) => {
    await page.locator('.stage .lines').waitFor();
    const mark = () => page.evaluate(() => getComputedStyle(document.querySelector('.stage')).boxShadow);
    assert.equal(await mark(), 'none');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    assert.notEqual(await mark(), 'none');
  }));
