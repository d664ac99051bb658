// What Firefox says of Playwright's own doing.

import { createHash } from 'node:crypto';

// For each picture of a page in Firefox, Playwright adds this style for a moment, and the policy of
// our pages refuses it. (In Chromium, it adds none.) Firefox tells the hash of what was refused.
const STYLE_OF_PICTURES = `'sha256-${createHash('sha256').update('body {}').digest('base64')}'`;

export const isOfPicture = (message) => message.includes('(style-src-elem)') && message.includes(STYLE_OF_PICTURES);
