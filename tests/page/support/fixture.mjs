// Folders with what visitors find: work, photos, hostile names.

import fs from 'node:fs';
import path from 'node:path';
import * as zlib from 'node:zlib';
import { newFolder } from './program.mjs';

// A zip of nothing, with as many bytes in front of its end.
function emptyZip(size) {
  const zip = Buffer.alloc(size);
  zip.write('PK\x05\x06', size - 22, 'latin1');
  return zip;
}

export function write(folder, name, content = 'content', ageInSeconds = 0) {
  const file = Buffer.concat([Buffer.from(folder + '/'), Buffer.from(name)]);
  fs.writeFileSync(file, content);
  const time = Date.now() / 1000 - ageInSeconds;
  fs.utimesSync(file, time, time);
}

export const HOUR = 3600;
export const DAY = 24 * HOUR;

export const README = `# Summer project

Everything for the *review* on **Friday**: the [plan](plan.md), the photos and the build.

- [x] Photos sorted
- [ ] Sound mixed

| File | What it is |
|---|---|
| \`main.rs\` | where it starts |
| \`Budget 10.xlsx\` | what it costs |

![elsewhere](https://elsewhere.example/t.gif) <script>alert(1)</script> [x](javascript:alert(1))
`;

// A project that a web developer shares with a client.
export function project() {
  const folder = newFolder('Summer project');
  fs.mkdirSync(path.join(folder, 'Photos'));
  fs.mkdirSync(path.join(folder, 'Nothing yet'));
  write(folder, 'README.md', README, 3 * HOUR);
  write(folder, 'plan.md', '# The plan\n\nOn time.\n', 4 * HOUR);
  write(folder, 'main.rs', 'fn main() {\n    println!("<b>hello</b>");\n}\n'.repeat(20), 3 * DAY);
  write(folder, 'notes.txt', 'a note\n'.repeat(40), 2 * DAY);
  write(folder, 'old.txt', Buffer.from('caf\xe9\n', 'latin1'), 9 * DAY);
  write(folder, 'Budget 2.xlsx', Buffer.alloc(80_000), 40 * DAY);
  write(folder, 'Budget 10.xlsx', Buffer.alloc(180_000), 4 * DAY);
  write(folder, 'Backup.zip', emptyZip(2_400_000), 400 * DAY);
  write(folder, 'Contract.pdf', pdf(), 20 * DAY);
  write(folder, 'Interview.wav', wav(2), 2 * DAY);
  write(folder, 'Trailer.webm', Buffer.alloc(50_000), 5 * DAY);
  write(folder, 'logo.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><circle cx="200" cy="200" r="180" fill="#0e7a86"/><script>alert(1)</script></svg>', DAY);
  write(folder, 'broken.jpg', Buffer.alloc(60_000, 'no picture'), DAY);
  for (let n = 1; n <= 3; n++) write(path.join(folder, 'Photos'), `${n}.png`, png(8, 8, n));
  return folder;
}

export const HOSTILE = [
  '<img src=x onerror=alert(1)>.html',
  '"><svg onload=alert(1)>.txt',
  'new\nline.txt',
  'javascript:alert(1)',
  "quote's \"both\".txt",
  'percent%41?#&amp;.txt',
  'back\\slash.txt',
  'slash%2Fname.txt',
  '%2e%2e%2fetc.txt',
  ' blanks around.txt ',
  'x\u202egpj.exe',
  'عربي ١٢٣.txt',
  'é'.repeat(125) + '.txt',
  'n'.repeat(255),
  Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x74, 0x78, 0x74]),
];

export function hostile() {
  const folder = newFolder('<b>"Shared"&');
  for (const name of HOSTILE) write(folder, name, '<script>alert(1)</script>\n');
  return folder;
}

// Landscapes in the colours of the rainbow; with `bytes`, padded to the size of a photo.
export async function photos(browserPage, count, bytes = 0) {
  const folder = newFolder('Summer in the Alps');
  for (let n = 0; n < Math.min(count, 24); n++) {
    const jpeg = Buffer.from(await browserPage.evaluate(drawLandscape, n), 'base64');
    for (let copy = n; copy < count; copy += 24) {
      const name = `IMG_${1001 + copy}.jpg`;
      write(folder, name, jpeg);
      // A hole in the file, which takes no room on the disk.
      if (bytes > jpeg.length) fs.truncateSync(path.join(folder, name), bytes);
      const time = Date.now() / 1000 - (count - copy) * HOUR;
      fs.utimesSync(path.join(folder, name), time, time);
    }
  }
  return folder;
}

// A film in VP8 of about a second, all in green.
export async function video(browserPage) {
  const film = await browserPage.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1280, 640];
    const pen = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: 'video/webm;codecs=vp8' });
    const pieces = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    const timer = setInterval(() => {
      pen.fillStyle = '#1a7f4b';
      pen.fillRect(0, 0, 1280, 640);
    }, 50);
    recorder.start();
    await new Promise((resolve) => { setTimeout(resolve, 1200); });
    clearInterval(timer);
    await new Promise((resolve) => { recorder.onstop = resolve; recorder.stop(); });
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  return Buffer.from(film, 'base64');
}

// A JPEG with another one as its camera thumbnail (EXIF 2.3, section 4.5.8).
export function withThumbnail(jpeg, thumbnail) {
  const tiff = Buffer.alloc(44);
  tiff.write('II*\0', 0, 'latin1');
  tiff.writeUInt32LE(8, 4);
  // The first directory contains only the offset of the second.
  tiff.writeUInt32LE(14, 10);
  tiff.writeUInt16LE(2, 14);
  for (const [at, tag, value] of [[16, 0x0201, 44], [28, 0x0202, thumbnail.length]]) {
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(4, at + 2);
    tiff.writeUInt32LE(1, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  }
  const length = Buffer.alloc(2);
  length.writeUInt16BE(2 + 6 + tiff.length + thumbnail.length);
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1]), length, Buffer.from('Exif\0\0', 'latin1'), tiff, thumbnail, jpeg.subarray(2)]);
}

async function drawLandscape(n) {
  const isPortrait = n % 5 === 2;
  const canvas = document.createElement('canvas');
  canvas.width = isPortrait ? 1200 : 1800;
  canvas.height = isPortrait ? 1800 : 1200;
  const { width, height } = canvas;
  const pen = canvas.getContext('2d');
  let seed = n * 7919 + 13;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let skip = 0; skip < 10; skip++) random();
  const hue = (n * 47 + 190) % 360;
  const sky = pen.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue},55%,${35 + random() * 25}%)`);
  sky.addColorStop(1, `hsl(${(hue + 40) % 360},75%,82%)`);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = `hsla(${(hue + 30) % 360},95%,90%,.95)`;
  pen.beginPath();
  pen.arc(width * (0.2 + 0.6 * random()), height * (0.15 + 0.25 * random()), 60 + 60 * random(), 0, 7);
  pen.fill();
  for (let hill = 0; hill < 6; hill++) {
    pen.fillStyle = `hsl(${(hue + 200 + hill * 8) % 360},${26 + hill * 5}%,${64 - hill * 10}%)`;
    pen.beginPath();
    pen.moveTo(0, height);
    const base = height * (0.4 + hill * 0.1);
    const phase = random() * 9;
    const pace = 0.0015 + random() * 0.004;
    for (let x = 0; x <= width; x += 6) {
      pen.lineTo(x, base + Math.sin(x * pace + phase) * 90 + Math.sin(x * pace * 3.1 + phase * 2) * 30 + random() * 6);
    }
    pen.lineTo(width, height);
    pen.fill();
  }
  return canvas.toDataURL('image/jpeg', 0.9).split(',')[1];
}

export function png(width, height, shade) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length);
    frame.writeUInt32BE(crc(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 40 + shade * 60)]);
  const data = zlib.deflateSync(Buffer.concat(Array(height).fill(row)));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0)),
  ]);
}

// The CRC-32 of PNG; Node has it only from version 22 on.
function crc(data) {
  if (zlib.crc32) return zlib.crc32(data);
  let value = ~0;
  for (const byte of data) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

export function wav(seconds) {
  const samples = 8000 * seconds;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.set([1, 0, 1, 0], 20);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.set([1, 0, 8, 0], 32);
  head.write('data', 36);
  head.writeUInt32LE(samples, 40);
  return Buffer.concat([head, Buffer.alloc(samples, 128)]);
}

function pdf() {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>',
    '<</Length 46>>stream\nBT /F 24 Tf 40 100 Td (Signed contract) Tj ET\nendstream',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, n) => {
    const offset = text.length;
    text += `${n + 1} 0 obj${object}endobj\n`;
    return offset;
  });
  const start = text.length;
  text += `xref\n0 5\n0000000000 65535 f \n${offsets.map((o) => String(o).padStart(10, '0') + ' 00000 n \n').join('')}`;
  return text + `trailer<</Size 5/Root 1 0 R>>\nstartxref\n${start}\n%%EOF`;
}
