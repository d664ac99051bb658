// Sends a file in the protocol tus 1.0.0 (https://tus.io/protocols/resumable-upload). What has
// arrived is only what the server acknowledges.

import { adapt, chunk, sendLess } from './chunks.js';
import { Refusal, request } from './request.js';
import { page } from './texts.js';

const BYTES = { 'Content-Type': 'application/offset+octet-stream' };

// How much the server has, according to an answer.
const offsetOf = (answer) => Number(answer.getResponseHeader('Upload-Offset'));

// Base64 of UTF-8.
const coded = (text) =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));

// Tells the server about a file. A small one comes with it. With the same key it is the same upload
// again, so it does no harm if the answer gets lost.
async function create(item, body, signal) {
  const names = {
    filename: item.file.name,
    relativePath: item.path,
    key: item.key,
    delivery: item.delivery,
    sender: item.sender,
  };
  const metadata = Object.entries(names).filter(([, value]) => value);
  const headers = {
    'Upload-Length': String(item.size),
    'Upload-Metadata': metadata.map(([name, value]) => `${name} ${coded(value)}`).join(),
    ...(body && BYTES),
  };
  item.isBegun = true;
  const answer = await request('POST', './?upload', headers, body, signal);
  const place = new URL(answer.getResponseHeader('Location'), location.href);
  item.url = place.pathname + place.search;
  return offsetOf(answer);
}

// The offset from which an upload goes on. It is made anew if the server doesn't know it any more.
async function locate(item, signal) {
  if (item.url) {
    try {
      const answer = await request('HEAD', item.url, {}, null, signal);
      return offsetOf(answer);
    } catch (cause) {
      if (cause.kind !== 'unknown') throw cause;
      item.url = null;
    }
  }
  // What was begun before is told by its key. A server that knows it takes no body.
  const isWhole = !item.isBegun && item.size > 0 && item.size <= chunk;
  return create(item, isWhole ? item.file : null, signal);
}

/** Sends a file to its end. `acknowledged` is called with each offset that the server tells. */
export async function sendFile(item, signal, acknowledged) {
  let offset = null;
  let failures = 0;
  while (offset === null || offset < item.size) {
    try {
      if (offset === null) {
        offset = await locate(item, signal);
      } else {
        const part = item.file.slice(offset, offset + chunk.size);
        const began = performance.now();
        const answer = await request(
          'PATCH',
          item.url,
          { 'Upload-Offset': String(offset), ...BYTES },
          part,
          signal,
        );
        offset = offsetOf(answer);
        adapt(part.size, (performance.now() - began) / 1000, page.chunk);
        failures = 0;
      }
      acknowledged(offset);
    } catch (cause) {
      // What is in front of the server may take less at a time.
      const isTooMuch = cause.kind === 'lost' && cause.status === 413;
      if (!(isTooMuch && sendLess()) && !/offset|unknown/.test(cause.kind)) throw cause;
      failures += 1;
      if (failures > 5) throw new Refusal('failed');
      offset = null;
    }
  }
}

/** Takes back what has arrived of a file. */
export async function terminate(item) {
  if (!item.url) await create(item, null);
  await request('DELETE', item.url, {}, null);
}
