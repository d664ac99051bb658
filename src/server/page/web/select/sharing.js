// Links to files: copied, or handed to the system's share sheet.

import { element } from '../common/dom.js';
import { texts } from '../list/page.js';
import { linkToOne } from './address.js';

// How long a message stays, in milliseconds.
const SHOWN_MS = 4000;

/** Copies a link, and tells so by `tell`, which gets a text, or a field to copy it from. */
export async function copyLink(url, tell, text = texts.link_copied) {
  try {
    await navigator.clipboard.writeText(url);
    tell(text);
  } catch {
    // A page that did not come by HTTPS may not. The visitor copies it instead.
    const field = element('input', 'link');
    Object.assign(field, { value: url, readOnly: true });
    field.setAttribute('aria-label', texts.copy_link);
    tell(field);
    field.select();
  }
}

/** Hands a link to the system. */
export async function sendLink(url, title) {
  try {
    await navigator.share({ title, url });
  } catch {
    // The visitor changed their mind.
  }
}

/** Copies the link to a file or folder. */
export const copyLinkTo = (entry) => copyLink(linkToOne(entry), toast);
/** Hands it to the system. */
export const sendLinkTo = (entry) => sendLink(linkToOne(entry), entry.name);

let shown = null;

// A message over the page. With a field, it stays until the visitor is done with that.
function toast(content) {
  shown?.remove();
  const made = element('p', 'toast');
  made.setAttribute('role', 'status');
  shown = made;
  (document.querySelector('dialog[open] .frame') ?? document.body).append(made);
  made.append(content);
  if (typeof content === 'string') setTimeout(() => made.remove(), SHOWN_MS);
  else content.addEventListener('blur', () => made.remove());
}
