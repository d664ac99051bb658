// All kinds of text in the viewer: encodings, sizes, highlighting, Markdown as people write it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DESKTOP, hasNoViolation, screenshot, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { png, write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

const GUIDE = `<h1 align="center"><img src="sub/logo.png" width="40" alt="The logo"><br>Guide</h1>
<!-- not for readers -->

[To the end](#the-end--really) and [down](sub/more.md), [up and away](//elsewhere.example/), [no](<java script:alert(1)>)

<details><summary>More</summary>inside</details> <iframe src="https://elsewhere.example"></iframe>

${'Words.\n\n'.repeat(80)}
## The end, & really
`;

const CODE = `// Says hello. "not a text"
fn main<'a>() -> Result<(), Error> {
    let name: &'a str = "<b>\\"you\\"</b>"; /* over
    two lines */

    println!("{name} {}", 0x1f);
}
`;

let folder;
let shared;
before(async () => {
  await startBrowser();
  folder = newFolder('Texts');
  fs.mkdirSync(path.join(folder, 'sub'));
  write(path.join(folder, 'sub'), 'logo.png', png(80, 40, 2));
  write(path.join(folder, 'sub'), 'more.md', '# More\n');
  write(folder, 'GUIDE.md', GUIDE);
  write(folder, 'large.md', 'A line.\n\n'.repeat(80_000));
  write(folder, 'code.rs', CODE);
  write(folder, 'utf16.txt', Buffer.from('\ufeffgrüße 日本', 'utf16le'));
  write(folder, 'utf16.json', Buffer.from('\ufeff{"ü": 1}', 'utf16le'));
  // It says itself that it is Shift_JIS.
  write(folder, 'sjis.html', Buffer.from('<meta charset="Shift_JIS">\x93\xfa\x96\x7b', 'latin1'));
  write(folder, 'latin.txt', Buffer.from('größe;12,5 \x80\r\nzweite\r\n', 'latin1'));
  // A text of 50 MB whose first piece ends inside a character. The file is mostly sparse.
  write(folder, 'large.json', `"${'x'.repeat(999_998)}é${'é'.repeat(1000)}"`);
  fs.truncateSync(path.join(folder, 'large.json'), 50_000_000);
  write(folder, 'one line.js', 'let a = 1;'.repeat(90_000));
  write(folder, 'nothing.txt', '');
  write(folder, 'picture.txt', png(30, 30, 1));
  shared = await share(folder);
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

const open = async (page, name) => {
  await page.goto(`${shared.url}?open=${encodeURIComponent(name)}`);
  await page.locator('dialog .lines, dialog .prose, dialog .card').first().waitFor();
};
const lines = async (page) => (await page.locator('.lines span').allTextContents()).map((line) => line.replace(/\n$/, ''));

test('text is decoded correctly', () => visit(shared.url, DESKTOP, async (page) => {
  for (const [name, expected] of [
    ['utf16.txt', ['grüße 日本']], ['utf16.json', ['{"ü": 1}']], ['latin.txt', ['größe;12,5 €', 'zweite']], ['nothing.txt', ['']],
    ['sjis.html', ['<meta charset="Shift_JIS">日本']],
  ]) {
    await open(page, name);
    assert.deepEqual(await lines(page), expected, name);
  }
  await open(page, 'picture.txt');
  await page.getByText("Your browser can't show this file.").waitFor();
}));

test('a very large text shows its start, and that there is more', () => visit(shared.url, DESKTOP, async (page) => {
  const moved = [];
  page.on('response', (response) => moved.push(Number(response.headers()['content-length'] ?? 0)));
  await open(page, 'large.json');
  await page.getByText('Only the start is shown.').waitFor();
  const [line] = await lines(page);
  assert.equal(line.length, 999_999);
  assert.ok(Math.max(...moved) <= 1_000_000, `${moved}`);
  await open(page, 'one line.js');
  assert.equal((await lines(page))[0].length, 900_000);
  await open(page, 'large.md');
  await page.getByText('Only the start is shown.').waitFor();
  assert.ok(await page.locator('dialog .prose p').count() > 1000);
}));

test('source code is highlighted, and copied unchanged', () => visit(shared.url, DESKTOP, async (page) => {
  await open(page, 'code.rs');
  const of = (colour) => page.locator(`.lines .${colour}`).allTextContents();
  assert.deepEqual(await of('c'), ['// Says hello. "not a text"', '/* over', '    two lines */']);
  assert.deepEqual(await of('s'), ['"<b>\\"you\\"</b>"', '"{name} {}"']);
  assert.deepEqual(await of('k'), ['fn', 'let']);
  assert.deepEqual(await of('n'), ['0x1f']);
  assert.deepEqual(await of('f'), ['println!']);
  assert.deepEqual(await of('t'), ['Result', 'Error', 'name']);
  const copied = await page.evaluate(() => {
    getSelection().selectAllChildren(document.querySelector('.lines'));
    return getSelection().toString();
  });
  assert.equal(copied.trimEnd(), CODE.trimEnd());
  await hasNoViolation(page);
  await screenshot(page, 'viewer-colours');
}));

test('Markdown written for other sites is readable here', () => visit(shared.url, DESKTOP, async (page) => {
  await open(page, 'GUIDE.md');
  const prose = page.locator('dialog .prose');
  const text = await prose.innerText();
  assert.match(text, /^\s*Guide/);
  assert.doesNotMatch(text, /not for readers|<h1|<details|<br/);
  assert.match(text, /<iframe/);
  assert.equal(await prose.locator('img[alt="The logo"]').evaluate((image) => image.decode().then(() => image.naturalWidth)), 80);
  assert.deepEqual(await prose.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
    ['#text-the-end--really', 'sub/more.md', '//elsewhere.example/']);
  assert.equal(await prose.locator('iframe, script, h1').count(), 0);
  await screenshot(page, 'viewer-guide');
  await page.getByRole('link', { name: 'To the end' }).click();
  const heading = prose.getByRole('heading', { name: 'The end, & really' });
  await page.waitForFunction(() => document.querySelector('#text-the-end--really').getBoundingClientRect().top < innerHeight);
  assert.ok(await heading.isVisible());
  assert.equal(new URL(page.url()).search, '?open=GUIDE.md');
}));

test('a page in the viewer prints completely', () => visit(shared.url, DESKTOP, async (page) => {
  await open(page, 'GUIDE.md');
  await page.emulateMedia({ media: 'print' });
  const pages = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  assert.ok(pages > 2, `${pages} pages`);
  await screenshot(page, 'print-viewer');
  await page.goto(shared.url);
  await screenshot(page, 'print-list');
}));
