// Sends a file in the protocol tus 1.0.0 (https://tus.io/protocols/resumable-upload). What has
// arrived is only what the server acknowledges.

const MIB = 1048576;
const LARGEST = 16 * MIB;

// How much is sent in one request. Small at first, because nothing is known about the connection.
let chunk = 2 * MIB;

// Why something was not taken, and in how many seconds it may be.
class Refusal extends Error {
  constructor(kind, status = 0, after = 0) {
    super(kind);
    Object.assign(this, { kind, status, after });
  }
}

const KINDS = {
  401: 'locked',
  403: 'setting_off',
  404: 'unknown',
  409: 'offset',
  410: 'unknown',
  429: 'too_many',
  507: 'disk_full',
};

function refusal(answer) {
  const { status } = answer;
  const said = answer.getResponseHeader('Upload-Error')?.replace('-', '_');
  const isKnown = said === 'unknown' || said in words;
  return new Refusal(
    isKnown ? said : (KINDS[status] ?? 'lost'),
    status,
    Number(answer.getResponseHeader('Retry-After')) || 0,
  );
}

// Not `fetch`, which doesn't tell whether anything moves: a connection may be dead for minutes.
function request(method, url, headers, body, signal) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    let patience;
    const wait = (seconds) => {
      clearTimeout(patience);
      patience = setTimeout(() => call.abort(), seconds * 1000);
    };
    const stop = () => call.abort();
    call.open(method, url);
    for (const [name, value] of Object.entries({ 'Tus-Resumable': '1.0.0', ...headers })) {
      call.setRequestHeader(name, value);
    }
    if (body) call.upload.onprogress = () => wait(45);
    // What is in front of the server answers after 120 s at the latest.
    call.upload.onload = () => wait(130);
    call.onload = () => (call.status < 300 ? resolve(call) : reject(refusal(call)));
    call.onerror = call.onabort = () => reject(new Refusal('lost'));
    call.onloadend = () => {
      clearTimeout(patience);
      signal?.removeEventListener('abort', stop);
    };
    signal?.addEventListener('abort', stop);
    wait(body ? 45 : 130);
    call.send(body);
  });
}

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

// Sends a file to its end. `acknowledged` is called with each offset that the server tells.
async function sendFile(item, signal, acknowledged) {
  let offset = null;
  let failures = 0;
  while (offset === null || offset < item.size) {
    try {
      if (offset === null) {
        offset = await locate(item, signal);
      } else {
        const part = item.file.slice(offset, offset + chunk);
        const began = performance.now();
        const answer = await request(
          'PATCH',
          item.url,
          { 'Upload-Offset': String(offset), ...BYTES },
          part,
          signal,
        );
        offset = offsetOf(answer);
        adapt(part.size, (performance.now() - began) / 1000);
        failures = 0;
      }
      acknowledged(offset);
    } catch (cause) {
      // What is in front of the server may take less at a time.
      const isTooMuch = cause.kind === 'lost' && cause.status === 413 && chunk > MIB;
      if (isTooMuch) chunk /= 2;
      else if (!/offset|unknown/.test(cause.kind)) throw cause;
      failures += 1;
      if (failures > 5) throw new Refusal('failed');
      offset = null;
    }
  }
}

// Chunks of 8 to 16 MiB, which take about ten seconds; smaller ones only where even 8 MiB would
// take longer than 15 s.
function adapt(bytes, seconds) {
  if (bytes < MIB) return;
  const speed = bytes / Math.max(seconds, 0.001);
  const wanted = speed * 15 < 8 * MIB ? speed * 8 : Math.max(speed * 10, 8 * MIB);
  chunk = Math.min(Math.max(Math.round(wanted / MIB), 1) * MIB, page.chunk ?? LARGEST);
}

// Takes back what has arrived of a file.
async function terminate(item) {
  if (!item.url) await create(item, null);
  await request('DELETE', item.url, {}, null);
}
