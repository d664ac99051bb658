// The QR code of a link.

import { at } from '../../../server/page/web/common/dom.js';
import { openDialog } from './dialogs.js';
import { filled } from './elements.js';
import { notify } from './notices.js';
import { request } from './session.js';
import { texts } from './texts.js';

/** Shows it. `which` is added for the link in the local network. */
export async function showQrCode({ id, name }, which = '') {
  const dialog = at('qr-dialog');
  try {
    const { size, path } = await (await request(`/qr/${id}${which}`)).json();
    const picture = dialog.querySelector('.code');
    picture.setAttribute('viewBox', `0 0 ${size} ${size}`);
    const [ground, code] = picture.children;
    ground.setAttribute('width', size);
    ground.setAttribute('height', size);
    code.setAttribute('d', path);
    dialog.querySelector('h2').replaceChildren(...filled(texts.card.qr_title, { name }));
    openDialog(dialog);
  } catch {
    notify(texts.failed);
  }
}
