// The line to Spot Serve: what it shows, and what the user wants.

const TICKET = /^#([\w-]{43})$/;
// For this tab, also when it is loaded again. Pages on other ports have a storage of their own.
let token = sessionStorage.getItem('token') ?? '';

class Refused extends Error {}

async function request(path, options = {}) {
  const headers = { 'x-spot-serve-token': token };
  const answer = await fetch(path, { ...options, headers, cache: 'no-store' });
  if (answer.status === 401 || answer.status === 403) throw new Refused();
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

const post = (path, what) => request(path, { method: 'POST', body: JSON.stringify(what) });

// Opens a session with the ticket in the address, if there is one.
async function openSession() {
  const [, ticket] = TICKET.exec(location.hash) ?? [];
  if (!ticket) return;
  // Nobody should find it in the history of the browser.
  history.replaceState(null, '', location.pathname);
  const answer = await post('/session', { ticket });
  token = (await answer.json()).token;
  sessionStorage.setItem('token', token);
}

// Asks for something; false if that fails.
async function act(action, more = {}) {
  try {
    await post('/act', { do: action, ...more });
    return true;
  } catch {
    notify(texts.failed);
    return false;
  }
}

// What Spot Serve tells, as [name, data], until the line is cut.
async function* told(path, signal) {
  const answer = await request(path, { signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const events = rest.split('\n\n');
    rest = events.pop();
    for (const event of events) {
      const [, name, data] = /^event:\x20(\w+)\ndata:\x20(.*)$/s.exec(event) ?? [];
      if (name) yield [name, JSON.parse(data)];
    }
  }
}

// What is shown, by its name: `share/1`, `order`, `general` and so on.
const parts = new Map();
// The time on the clock of Spot Serve, less that of this page, in seconds.
let clockAhead = 0;
const clock = () => performance.now() / 1000 + clockAhead;

function take({ now, set, gone }) {
  clockAhead = now - performance.now() / 1000;
  for (const [name, part] of Object.entries(set)) parts.set(name, part);
  for (const name of gone) parts.delete(name);
}

// A page that nobody looks at is not kept up to date after this time.
const HIDDEN_MS = 60_000;
const AGAIN_MS = 1500;
const lines = new Set();
let hiding;

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(() => lines.forEach((line) => line.abort()), HIDDEN_MS);
});

// Resolves when the page is looked at.
const looked = () =>
  new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    look();
  });

// Keeps a line open for as long as the page is looked at, until `stop` is aborted. `take` gets each event,
// and whether it is the first of a line, which has everything; `closed` is told when nobody answers.
async function listen(path, { stop = new AbortController().signal, take, closed = () => {} }) {
  for (let failures = 0; ;) {
    await looked();
    if (stop.aborted) return;
    const line = new AbortController();
    const end = () => line.abort();
    stop.addEventListener('abort', end);
    lines.add(line);
    try {
      let isFirst = true;
      for await (const [name, data] of told(path, line.signal)) {
        failures = 0;
        take(name, data, isFirst);
        isFirst = false;
      }
      failures += 1;
    } catch (error) {
      if (error instanceof Refused) throw error;
      failures += 1;
      if (failures > 1 && !document.hidden && !stop.aborted) closed();
    } finally {
      lines.delete(line);
      stop.removeEventListener('abort', end);
    }
    await new Promise((resolve) => setTimeout(resolve, failures > 1 ? AGAIN_MS : 100));
  }
}

// Follows what happens. `changed` is told of it, `closed` when nobody answers, and `refused` when this
// browser may not look.
async function follow(changed, closed, refused) {
  try {
    await openSession();
    await listen('/events', {
      closed,
      take: (name, data, isFirst) => {
        if (name === 'notice') return notify(data.title, data.body, 'en');
        if (isFirst) parts.clear();
        take(data);
        changed();
      },
    });
  } catch (error) {
    if (error instanceof Refused) refused();
    else closed();
  }
}
