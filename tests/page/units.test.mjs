// Modules of the pages that need no page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsOf } from '../../src/dashboard/page/script/server_events.js';
import { unitsOf, wholeUnit } from '../../src/dashboard/page/script/units.js';
import { groundFor } from '../../src/server/page/web/common/ground.js';
import { cues } from '../../src/server/page/web/media/cues.js';
import { sorted } from '../../src/server/page/web/list/order.js';
import { encoded, folded } from '../../src/server/page/web/list/text.js';
import { separatorOf } from '../../src/server/page/web/table/dialect.js';
import { Sheet } from '../../src/server/page/web/table/sheet.js';
import { decode } from '../../src/server/page/web/text/decode.js';
import { looksLikeText } from '../../src/server/page/web/text/sniff.js';
import { adapt, chunk, LARGEST, sendLess } from '../../src/server/page/web/upload/chunks.js';
import { harmless, keyOf } from '../../src/server/page/web/upload/names.js';

const bytes = (text, encoding = 'utf8') => Uint8Array.from(Buffer.from(text, encoding)).buffer;

test('folders come first, and equal entries stay in the order of their names', () => {
  const entries = [[0, 5, 9], [3, 7, 100], [3, 7, 50], [3, 0, 50], [0, 1, 0]]
    .map(([kind, time, size], rank) => ({ rank, kind, time, size }));
  const ranks = (sort) => sorted(entries, sort).map(({ rank }) => rank);
  assert.deepEqual(ranks('name'), [0, 4, 1, 2, 3]);
  assert.deepEqual(ranks('-name'), [4, 0, 3, 2, 1]);
  assert.deepEqual(ranks('size'), [4, 0, 2, 3, 1]);
  assert.deepEqual(ranks('changed'), [4, 0, 3, 1, 2]);
});

test('numbers too large to carry an index are sorted as well', () => {
  const entries = [2 ** 52 + 1, 2 ** 52, 3].map((size, rank) => ({ rank, kind: 1, size }));
  assert.deepEqual(sorted(entries, 'size').map(({ rank }) => rank), [2, 1, 0]);
  assert.deepEqual(sorted(entries, '-size').map(({ rank }) => rank), [0, 1, 2]);
});

test('a search finds names whatever their case and accents', () => {
  assert.equal(folded('README'), 'readme');
  assert.equal(folded('Résumé'), folded('RE\u0301SUME\u0301'));
  assert.equal(folded('ﬁle'), 'file');
});

test('names are encoded as the server does', () => {
  assert.equal(encoded("it's (1)!*.txt"), 'it%27s%20%281%29%21%2A.txt');
  assert.equal(encoded('100%?#&ü'), '100%25%3F%23%26%C3%BC');
});

test('texts are read in the encoding that they have', () => {
  assert.equal(decode(bytes('grüße')), 'grüße');
  assert.equal(decode(bytes('\ufeffgrüße', 'utf16le')), 'grüße');
  assert.equal(decode(bytes('gr\xfc\xdfe \x80', 'latin1')), 'grüße €');
  assert.equal(decode(bytes('<meta charset="Shift_JIS">\x93\xfa', 'latin1')).at(-1), '日');
  // The last character is cut.
  assert.equal(decode(bytes('é').slice(0, 1)), '');
  assert.throws(() => decode(bytes('\xff\0\xff', 'latin1')), /binary/);
});

test('a text is told from other files by its first bytes', () => {
  assert.ok(looksLikeText(Buffer.from('a\tline\r\n\x1b[1mü')));
  assert.ok(looksLikeText(Buffer.from('\ufeffa', 'utf16le')));
  assert.ok(!looksLikeText(Buffer.from('\x89PNG\r\n\x1a\n\0', 'latin1')));
});

// The rows of a text with commas.
function table(text, separator = ',') {
  const sheet = new Sheet(text, separator);
  [...sheet.find()].at(-1);
  return Array.from({ length: sheet.rows }, (_, index) => sheet.row(index));
}

test('cells of a table may hold quotes, separators and lines', () => {
  assert.deepEqual(table('a,b\n"1,5","say ""hi""\nand go"\n\n,\n'), [['a', 'b'], ['1,5', 'say "hi"\nand go'], ['', '']]);
  assert.deepEqual(table('5" pipe,x\nlast'), [['5" pipe', 'x'], ['last']]);
  assert.deepEqual(table('"never closed,1\n2'), [['never closed,1\n2']]);
  assert.deepEqual(table(''), []);
});

test('the separator of a table is found', () => {
  assert.equal(separatorOf('a;b,c\n1;2,5\n3;4\n', false), ';');
  assert.equal(separatorOf('a\tb\n1\t2\n', true), '\t');
  assert.equal(separatorOf('sep=|\na|b\n', false), '|');
  assert.equal(separatorOf('words\nand more\n', false), '');
});

test('captions are read from both formats, without what is broken', () => {
  const vtt = 'WEBVTT\n\nfirst\n00:01.500 --> 00:02.000\n<i>Hello</i>\n\n00:05.000 --> 00:04.000\nbackwards\n';
  assert.deepEqual(cues(vtt), [{ start: 1.5, end: 2, text: '<i>Hello</i>' }]);
  const srt = '\ufeff1\r\n01:00:01,5 --> 01:00:02,250\r\n{\\an8}<font color="red">Two\r\nlines</font>\r\n';
  assert.deepEqual(cues(srt), [{ start: 3601.5, end: 3602.25, text: 'Two\nlines' }]);
});

test('transparent pictures get a ground that shows them', () => {
  const [clear, black, white, red] = [[0, 0, 0, 0], [0, 0, 0, 255], [255, 255, 255, 255], [230, 40, 40, 255]];
  const on = (...pixels) => groundFor(pixels.flat());
  assert.equal(on(black, white, red, black), '');
  assert.equal(on(clear, black, black, red), 'light');
  assert.equal(on(clear, white, white, red), 'dark');
  assert.equal(on(clear, black, white, white), 'middle');
});

test('a file that is chosen again has the same key, and another one has not', () => {
  const file = { size: 3, lastModified: 1_700_000_000_000 };
  const keys = [['a/b.txt', file], ['a/c.txt', file], ['a/b.txt', { ...file, size: 4 }],
    ['a/b.txt', { ...file, lastModified: 0 }]].map(([path, each]) => keyOf(path, each));
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(keyOf('a/b.txt', { ...file }), keys[0]);
});

test('signs that nobody sees are shown in the names of files', () => {
  assert.equal(harmless('a\u202egpj.exe'), 'a\ufffdgpj.exe');
  assert.equal(harmless('Grüße 日本 👩‍👩‍👧.txt'), 'Grüße 日本 👩‍👩‍👧.txt');
});

test('a request takes about ten seconds, and as little as the way takes', () => {
  const MIB = 1048576;
  adapt(2 * MIB, 0.1);
  assert.equal(chunk.size, LARGEST);
  adapt(MIB, 10);
  assert.equal(chunk.size, MIB);
  assert.ok(!sendLess());
  adapt(8 * MIB, 8);
  assert.equal(chunk.size, 10 * MIB);
  assert.ok(sendLess());
  assert.equal(chunk.size, 5 * MIB);
  // The last piece of a file says nothing.
  adapt(100, 60);
  assert.equal(chunk.size, 5 * MIB);
  adapt(16 * MIB, 1, 4 * MIB);
  assert.equal(chunk.size, 4 * MIB);
});

test('events are read however they are cut', async () => {
  const text = 'event: state\ndata: {"now":1}\n\n:\n\nevent: notice\ndata: {"title":"a: b"}\n\nevent: cut';
  for (const size of [1, 7, 1000]) {
    const pieces = async function* pieces() {
      for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
    };
    const events = [];
    for await (const event of eventsOf(pieces())) events.push(event);
    assert.deepEqual(events, [['state', { now: 1 }], ['notice', { title: 'a: b' }]]);
  }
});

test('times have one or two units', () => {
  assert.deepEqual(unitsOf(1), [['minute', 1]]);
  assert.deepEqual(unitsOf(3600), [['hour', 1]]);
  assert.deepEqual(unitsOf(3900), [['hour', 1], ['minute', 5]]);
  assert.deepEqual(unitsOf(2 * 86400 + 59 * 60), [['day', 2]]);
  assert.deepEqual(wholeUnit(604800), ['week', 1]);
  assert.deepEqual(wholeUnit(8 * 3600), ['hour', 8]);
  assert.deepEqual(wholeUnit(90), ['minute', 2]);
});
