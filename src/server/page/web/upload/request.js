// Requests to the server, and why it refuses some.

import { words } from './texts.js';

/** Why something was not taken, and in how many seconds it may be. */
export class Refusal extends Error {
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

/** Not `fetch`, which doesn't tell whether anything moves: a connection may be dead for minutes. */
export function request(method, url, headers, body, signal) {
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
