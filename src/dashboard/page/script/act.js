// What the user wants of Spot Serve.

import { notify } from './notices.js';
import { post } from './session.js';
import { texts } from './texts.js';

/** Asks for something; false if that fails. */
export async function act(action, more = {}) {
  try {
    await post('/act', { do: action, ...more });
    return true;
  } catch {
    notify(texts.failed);
    return false;
  }
}
