// Who may look: this tab, with what it has got from Spot Serve.

/** An address that opens a session once. */
export const TICKET = /^#([\w-]{43})$/;
// For this tab, also when it is loaded again. Pages on other ports have a storage of their own.
let token = sessionStorage.getItem('token') ?? '';

/** This browser may not look. */
export class Refused extends Error {}

/** Asks Spot Serve. */
export async function request(path, options = {}) {
  const headers = { 'x-spot-serve-token': token };
  const answer = await fetch(path, { ...options, headers, cache: 'no-store' });
  if (answer.status === 401 || answer.status === 403) throw new Refused();
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

/** Sends something to it. */
export const post = (path, what) => request(path, { method: 'POST', body: JSON.stringify(what) });

/** Opens a session with the ticket in the address, if there is one. */
export async function openSession() {
  const [, ticket] = TICKET.exec(location.hash) ?? [];
  if (!ticket) return;
  // Nobody should find it in the history of the browser.
  history.replaceState(null, '', location.pathname);
  const answer = await post('/session', { ticket });
  token = (await answer.json()).token;
  sessionStorage.setItem('token', token);
}
