// Documents in the viewer: long texts, links to lines, tables, Markdown and archives.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  DESKTOP,
  PHONE,
  hasNoViolation,
  screenshot,
  startBrowser,
  stopBrowser,
  visit,
} from './support/browser.mjs';
import { write } from './support/fixture.mjs';
import { newFolder, share } from './support/program.mjs';

const LINES = 20_000;
const LOG = Array.from(
  { length: LINES },
  (_, index) => `08:${index} worker ${index % 7} answered ${index}`,
).join('\n');
const CODE = `// Greets.
fn main() {
${'    println!("hello"); // a line that is longer than the screen of a phone is wide\n'.repeat(600)}}
`;

const README = `# Project

[Greetings](more/Gr%C3%BC%C3%9Fe%20%282%29.md#the-end), [licence](more/deep/LICENSE), [folder](more/deep),
[line](code.rs#L300), [down](#below)

${'Words.\n\n'.repeat(60)}
## Below

\`\`\`rust
fn main() {} // code
\`\`\`
`;

const ROWS = 100_000;
const TABLE = `id,Name,Price\n${Array.from({ length: ROWS }, (_, row) => `${row + 1},"Name ${(row * 7919) % ROWS}, Inc.",${row % 977}.5\n`).join('')}`;

const NOTEBOOK = JSON.stringify({
  cells: [
    { cell_type: 'markdown', metadata: {}, source: ['# Analysis\n'] },
    {
      cell_type: 'code',
      execution_count: 7,
      metadata: {},
      outputs: [{ output_type: 'stream', name: 'stdout', text: ['hello\n'] }],
      source: ["print('hello')  # a comment"],
    },
  ],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
});

let shared;
before(async () => {
  await startBrowser();
  const folder = newFolder('Documents');
  write(folder, 'server.log', `${LOG}\n`);
  write(folder, 'code.rs', CODE);
  write(folder, 'settings.jsonc', '{\n  // A note.\n  "a": 1\n}\n');
  write(folder, 'README.md', README);
  fs.mkdirSync(path.join(folder, 'more/deep'), { recursive: true });
  write(path.join(folder, 'more'), 'Grüße (2).md', `# Greetings\n\n${'Words.\n\n'.repeat(80)}## The end\n`);
  write(path.join(folder, 'more/deep'), 'LICENSE', 'Free.\n');
  write(folder, 'customers.csv', TABLE);
  // Old spreadsheets write neither commas between cells nor UTF-8.
  write(
    folder,
    'prices.csv',
    Buffer.from('Gr\xf6\xdfe;Preis\nMittel;12,5\n"Klein; fein";1.234,5\nGro\xdf;3\n', 'latin1'),
  );
  write(folder, 'wide.csv', `${'a heading,'.repeat(60)}last\n${'1,'.repeat(60)}2\n`);
  write(folder, 'words.csv', 'no table\nat all\n');
  write(folder, 'analysis.ipynb', NOTEBOOK);
  write(folder, 'broken.ipynb', 'no notebook\n');
  write(folder, 'photos.zip', 'not what is listed');
  write(folder, 'large.tar', 'nor this');
  shared = await share(folder);
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

const open = (name) => `${shared.url}?open=${encodeURIComponent(name)}`;
const isAsked = (page, search) => page.waitForURL((url) => url.search === search);
const line = (page, number) => page.locator('.lines span').nth(number - 1);
const numberOf = (page, number) => line(page, number).click({ position: { x: 20, y: 8 } });
const isInView = (locator) =>
  locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const stage = element.closest('.stage').getBoundingClientRect();
    return top >= stage.top && bottom <= stage.bottom;
  });

test('a long text is skipped by the block, keeps its numbers and is copied unchanged', () =>
  visit(
    open('server.log'),
    { ...DESKTOP, permissions: ['clipboard-read', 'clipboard-write'] },
    async (page) => {
      await line(page, LINES).waitFor({ state: 'attached' });
      const skipped = await page.evaluate(() => {
        const isSkipped = (element) => getComputedStyle(element).contentVisibility === 'auto';
        const all = [...document.querySelectorAll('.lines, .lines *')];
        return all.filter(isSkipped).map((element) => element.childElementCount);
      });
      // WebKit needs many seconds if every line is skipped by itself.
      assert.equal(skipped.length, 100);
      assert.ok(skipped.every((lines) => lines === 200));
      assert.equal(await line(page, LINES).getAttribute('data-n'), '20000');
      await page.getByRole('button', { name: 'Copy', exact: true }).click();
      await page.getByText('Copied').waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${LOG}\n`);
      const selected = await page.evaluate(() => {
        getSelection().selectAllChildren(document.querySelector('.lines'));
        return getSelection().toString();
      });
      assert.equal(selected.trimEnd(), LOG);
      assert.ok(await page.evaluate(() => window.find('answered 19999', false, false, true)));
    },
  ));

test('a link leads to a line, and a click on a number makes one', () =>
  visit(`${open('code.rs')}&line=400-402`, DESKTOP, async (page) => {
    const marked = page.locator('.lines .at');
    await marked.first().waitFor();
    assert.equal(await marked.count(), 3);
    await page.waitForFunction(() => document.querySelector('.stage').scrollTop > 1000);
    assert.ok(await isInView(line(page, 400)));
    await hasNoViolation(page);
    await screenshot(page, 'viewer-line');
    await numberOf(page, 410);
    await isAsked(page, '?open=code.rs&line=410');
    await page.reload();
    await marked.first().waitFor();
    assert.ok(await isInView(line(page, 410)));
    await page.getByLabel('Close').click();
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
    await isAsked(page, '');
    await page.locator('.e .open', { hasText: 'code.rs' }).click();
    await line(page, 5).waitFor();
    await line(page, 5).click({ position: { x: 20, y: 8 } });
    await line(page, 3).click({ position: { x: 20, y: 8 }, modifiers: ['Shift'] });
    await isAsked(page, '?open=code.rs&line=3-5');
    await page.goBack();
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));
    await page.goForward();
    await page.waitForFunction(() => document.querySelectorAll('.lines .at').length === 3);
    // The next file has no line.
    await page.keyboard.press('ArrowRight');
    await page.locator('.sheet').waitFor();
    await page.goto(`${open('code.rs')}&line=Infinity`);
    await line(page, 1).waitFor();
  }));

test('lines are wrapped or not, as the visitor chose last', () =>
  visit(open('code.rs'), PHONE, async (page) => {
    const isWide = () =>
      page.evaluate(() => {
        const stage = document.querySelector('.stage');
        return stage.scrollWidth > stage.clientWidth;
      });
    const wrap = page.getByRole('button', { name: 'Wrap lines' });
    await wrap.waitFor();
    assert.equal(await isWide(), false);
    await screenshot(page, 'phone-viewer-wrapped');
    await wrap.tap();
    assert.equal(await isWide(), true);
    assert.equal(await wrap.getAttribute('aria-pressed'), 'false');
    await page.reload();
    await wrap.waitFor();
    assert.equal(await isWide(), true);
    await page.evaluate(() => document.querySelector('.stage').scrollTo(200, 900));
    await screenshot(page, 'phone-viewer-long');
  }));

test('links in Markdown lead to files of other folders, to lines and to headings, in the viewer', () =>
  visit(open('README.md'), DESKTOP, async (page) => {
    const prose = page.locator('dialog .prose');
    const follow = (name) => prose.getByRole('link', { name }).click();
    await follow('down');
    await page.waitForURL('**/?open=README.md#text-below');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'text-below');
    await page.reload();
    await page.waitForFunction(() => document.querySelector('.stage').scrollTop > 500);
    assert.ok(await isInView(prose.getByRole('heading', { name: 'Below' })));
    await follow('line');
    await page.locator('.lines .at').waitFor();
    await isAsked(page, '?open=code.rs&line=300');
    // The line of a Markdown file is one of its source.
    await page.goto(`${open('README.md')}&line=3`);
    await page.locator('.lines .at').getByText('[licence]').waitFor();
    await page.goto(open('README.md'));
    await follow('Greetings');
    await page.waitForURL('**/more/?open=Gr%C3%BC%C3%9Fe%20%282%29.md#text-the-end');
    await prose.getByRole('heading', { name: 'The end' }).waitFor();
    assert.ok(await isInView(prose.getByRole('heading', { name: 'The end' })));
    await page.goBack();
    await follow('licence');
    await page.waitForURL('**/more/deep/?open=LICENSE');
    await page.locator('dialog').getByText('Free.').waitFor();
    await page.goBack();
    await follow('folder');
    await page.waitForURL('**/more/deep/');
  }));

test('code in a README is coloured and can be copied', () =>
  visit(shared.url, { ...DESKTOP, permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    const block = page.locator('.readme .code-block');
    await page.locator('.readme pre').scrollIntoViewIfNeeded();
    await block.hover();
    await block.getByRole('button', { name: 'Copy' }).click();
    await block.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'fn main() {} // code\n');
    assert.deepEqual(await block.locator('.k').allTextContents(), ['fn']);
    assert.deepEqual(await block.locator('.c').allTextContents(), ['// code']);
  }));

test('a notebook is shown as it was written, and what is none as a text', () =>
  visit(
    open('analysis.ipynb'),
    DESKTOP,
    async (page) => {
      const prose = page.locator('dialog .prose');
      await prose.getByRole('heading', { name: 'Analysis' }).waitFor();
      assert.deepEqual(await prose.locator('.cell.code .c').allTextContents(), ['# a comment']);
      assert.equal((await prose.locator('.output').innerText()).trim(), 'hello');
      await hasNoViolation(page);
      await page.goto(open('broken.ipynb'));
      await page.locator('.lines').getByText('no notebook').waitFor();
    },
    (url) => url.includes('broken.ipynb'),
  ));

const cells = (page) =>
  page
    .locator('.sheet tbody tr[aria-rowindex]')
    .evaluateAll((rows) => rows.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent)));

test('separated values are a table, which can be sorted or shown as a text', () =>
  visit(open('prices.csv'), DESKTOP, async (page) => {
    await page.getByText('3 rows').waitFor();
    const rows = [
      ['Mittel', '12,5'],
      ['Klein; fein', '1.234,5'],
      ['Groß', '3'],
    ];
    assert.deepEqual(await cells(page), rows);
    const price = page.getByRole('columnheader', { name: 'Preis' });
    assert.equal(await page.locator('.sheet tbody .number').count(), 3);
    await price.getByRole('button').click();
    await page.locator('th[aria-sort=ascending]').waitFor();
    assert.deepEqual(await cells(page), [rows[2], rows[0], rows[1]]);
    await price.getByRole('button').click();
    await page.locator('th[aria-sort=descending]').waitFor();
    assert.deepEqual(await cells(page), [rows[1], rows[0], rows[2]]);
    await hasNoViolation(page);
    await price.getByRole('button').click();
    await page.waitForFunction(() => !document.querySelector('th[aria-sort]'));
    assert.deepEqual(await cells(page), rows);
    await page.getByRole('button', { name: 'Show as text' }).click();
    await page.locator('.lines').getByText('Mittel;12,5').waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByText('3 rows').waitFor();
    await page.goto(open('words.csv'));
    await page.locator('.lines').getByText('no table').waitFor();
  }));

test('arrow keys scroll a wide table, also after it was sorted', () =>
  visit(open('wide.csv'), DESKTOP, async (page) => {
    await page.locator('.sheet th button').first().click();
    await page.locator('th[aria-sort=ascending]').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('.stage').scrollLeft > 0);
    assert.equal(await page.locator('dialog h2').innerText(), 'wide.csv');
  }));

test('a table of 100,000 rows has only those near the view in the document', () =>
  visit(open('customers.csv'), PHONE, async (page) => {
    await page.getByText('100,000 rows').waitFor();
    const near = () => page.locator('.sheet tbody tr').count();
    assert.ok((await near()) < 150);
    await page.evaluate(() => document.querySelector('.stage').scrollTo(0, 1e9));
    await page.getByText('100,000', { exact: true }).waitFor();
    assert.ok(await isInView(page.getByText('100,000', { exact: true })));
    assert.ok((await near()) < 150);
    assert.ok(await isInView(page.getByRole('columnheader', { name: 'Name' })));
    await page.getByRole('columnheader', { name: 'Price' }).getByRole('button').tap();
    await page.locator('th[aria-sort=ascending]').waitFor();
    assert.equal((await cells(page)).at(-1)[2], '976.5');
    await screenshot(page, 'phone-viewer-table');
  }));

// What the server lists. It has tests of its own.
const listed = (page, name, list) =>
  page.route(`**/${name}?contents`, (route) => route.fulfill({ json: list }));

test('an archive is a tree, from which a file can be taken out', () =>
  visit(shared.url, DESKTOP, async (page) => {
    await listed(page, 'photos.zip', {
      cut: false,
      entries: [
        ['Summer/', 0, null, 1700000000, null],
        ['Summer/Lake/IMG 2.jpg', 1, 2000000, 1700000000, 'Summer%2FLake%2FIMG%202.jpg'],
        ['Summer/Lake/IMG 10.jpg', 1, 1000000, 1700000000, 'Summer%2FLake%2FIMG%2010.jpg'],
        ['notes.txt', 6, 12, null, null],
      ],
    });
    await page.locator('.e .open', { hasText: 'photos.zip' }).click();
    await page.getByText('3 files · 3.0 MB').waitFor();
    assert.deepEqual(await page.locator('.tree bdi').allTextContents(), [
      'Summer/Lake',
      'IMG 2.jpg',
      'IMG 10.jpg',
      'notes.txt',
    ]);
    const save = page.getByRole('link', { name: 'Download IMG 2.jpg' });
    assert.equal(await save.getAttribute('href'), './photos.zip?member=Summer%2FLake%2FIMG%202.jpg');
    assert.equal(await page.locator('.tree a').count(), 2);
    await hasNoViolation(page);
    await screenshot(page, 'viewer-archive');
    await page.getByText('Lake').click();
    assert.equal(await page.getByText('IMG 10.jpg').isVisible(), false);
    await page.getByLabel('Filter by name').last().fill('img 1');
    await page.getByText('1 of 3 shown').waitFor();
    assert.deepEqual(await page.locator('.tree bdi').allTextContents(), ['Summer/Lake/IMG 10.jpg']);
  }));

test('an archive with names that are nested deeply opens at once', () =>
  visit(shared.url, DESKTOP, async (page) => {
    const deep = (top) => [`${top}/${'e/'.repeat(2000)}f`, 6, 1, null, null];
    // Each folder has another one in it, and an empty one.
    const forks = Array.from({ length: 1500 }, (_, depth) => [`fork/${'a/'.repeat(depth)}z/`, 0, null, null, null]);
    await listed(page, 'photos.zip', {
      cut: false,
      entries: [...Array.from({ length: 500 }, (_, top) => deep(top)), ['0/x//./y', 6, 1, null, null], ...forks],
    });
    await page.locator('.e .open', { hasText: 'photos.zip' }).click();
    await page.getByText('501 files · 501 bytes').waitFor();
    const folders = page.locator('.tree summary');
    assert.ok((await page.locator('.tree li').count()) <= 501);
    assert.equal(await folders.nth(0).locator('bdi').textContent(), '0');
    await folders.nth(0).click();
    const inside = page.locator('.tree details[open] li bdi');
    await inside.nth(1).waitFor();
    const names = await inside.allTextContents();
    assert.deepEqual(names, ['e/'.repeat(2000).slice(0, -1), 'x']);
    await page.getByLabel('Filter by name').last().fill('0/x');
    await page.getByText('1 of 501 shown').waitFor();
  }));

test('an archive of 20,000 entries has only those near the view in the document', () =>
  visit(shared.url, PHONE, async (page) => {
    const entries = Array.from({ length: 20_000 }, (_, index) => [
      `folder/file ${index}.txt`,
      6,
      index,
      null,
      null,
    ]);
    await listed(page, 'large.tar', { cut: true, entries });
    await page.locator('.e .open', { hasText: 'large.tar' }).tap();
    await page.getByText('Only the start is shown.').waitFor();
    await page.locator('.tree summary').tap();
    await page.getByText('file 0.txt').waitFor();
    assert.ok((await page.locator('.tree .leaf').count()) < 1500);
    await page.waitForFunction(() => {
      const stage = document.querySelector('.stage');
      stage.scrollTop = stage.scrollHeight;
      return [...document.querySelectorAll('.tree bdi')].at(-1).textContent === 'file 19999.txt';
    });
    assert.ok((await page.locator('.tree .leaf').count()) < 3000);
    await screenshot(page, 'phone-viewer-archive');
  }));
