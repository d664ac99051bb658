// The folders that are shared: an ordinary one, a very long one, and one of photos.

import fs from 'node:fs';
import path from 'node:path';
import { withThumbnail, write } from '../../tests/page/support/fixture.mjs';
import { newFolder } from '../../tests/page/support/program.mjs';

const DAY = 86_400;
const NAMES = ['Budget', 'Contract', 'Floor plan', 'Invoice', 'Interview', 'Letter', 'Minutes', 'Notes'];
const KINDS = ['pdf', 'docx', 'xlsx', 'zip', 'mp4'];

/** 40 files and nothing that a page shows at once, such as a README. */
export function ordinary() {
  const folder = newFolder('Shared');
  NAMES.forEach((name, n) => KINDS.forEach((kind, k) => {
    write(folder, `${name} ${2020 + k}.${kind}`, Buffer.alloc(1000 + n * 777 + k), (n * 5 + k) * DAY);
  }));
  return folder;
}

export function long(count) {
  const folder = newFolder('Measurements');
  for (let n = 1; n <= count; n++) fs.writeFileSync(path.join(folder, `sample ${n}.csv`), 'x'.repeat(n % 10));
  return folder;
}

/** Photos of 12 megapixels with the small picture inside that cameras and phones add. */
export async function photos(page, count) {
  const folder = newFolder('Summer');
  const kinds = [];
  for (let n = 0; n < Math.min(count, 10); n++) {
    const [photo, thumbnail] = await page.evaluate(draw, n);
    kinds.push(withThumbnail(Buffer.from(photo, 'base64'), Buffer.from(thumbnail, 'base64')));
  }
  for (let n = 0; n < count; n++) {
    // What follows the end of a picture is ignored. It makes each file another one.
    const photo = Buffer.concat([kinds[n % kinds.length], Buffer.from(`photo ${n}`)]);
    write(folder, `IMG_${1001 + n}.jpg`, photo, (count - n) * 3600);
  }
  return { folder, bytes: kinds.reduce((sum, { length }) => sum + length, 0) / kinds.length };
}

// Runs in the browser. Clouds of noise at every scale, as coarse and fine as in a photo, with its grain.
function draw(seed) {
  const [width, height] = [4000, 3000];
  let state = seed * 7919 + 12_345;
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const canvas = (width, height) => Object.assign(document.createElement('canvas'), { width, height });
  const noise = (width, height, alpha) => {
    const made = canvas(width, height);
    const pen = made.getContext('2d');
    const data = pen.createImageData(width, height);
    for (let at = 0; at < data.data.length; at += 4) {
      const light = random() * 255;
      data.data.set([light, (light + random() * 80) % 256, (light + random() * 80) % 256, alpha], at);
    }
    pen.putImageData(data, 0, 0);
    return made;
  };
  const picture = canvas(width, height);
  const pen = picture.getContext('2d');
  pen.fillStyle = `hsl(${seed * 67 % 360} 40% 50%)`;
  pen.fillRect(0, 0, width, height);
  pen.globalCompositeOperation = 'overlay';
  for (let size = 4; size <= 1024; size *= 2) {
    pen.globalAlpha = size < 64 ? 0.7 : 0.35;
    pen.drawImage(noise(size, size * 3 / 4, 255), 0, 0, width, height);
  }
  pen.globalAlpha = 0.12;
  pen.fillStyle = pen.createPattern(noise(800, 600, 255), 'repeat');
  pen.fillRect(0, 0, width, height);
  const small = canvas(160, 120);
  small.getContext('2d').drawImage(picture, 0, 0, 160, 120);
  return [picture.toDataURL('image/jpeg', 0.92), small.toDataURL('image/jpeg', 0.8)].map((url) => url.split(',')[1]);
}
