// Somebody who looks at a share.

import { fill } from '../../../server/page/web/common/dom.js';
import { locales } from '../../../server/page/web/common/locale.js';
import { button, make, setShown, setText } from './elements.js';
import { shownAddress, texts } from './texts.js';

const regions = new Intl.DisplayNames(locales, { type: 'region', fallback: 'code' });

function countryName(code) {
  if (!code) return null;
  if (code === 'T1') return 'Tor';
  try {
    return regions.of(code);
  } catch {
    return code;
  }
}

/** A row for them. `block` keeps them out, or lets them in again. */
export function makeVisitor(block) {
  const words = texts.live;
  let shownNow = {};
  const name = make('bdi', 'visitor');
  name.lang = 'en';
  const about = make('span', 'soft');
  const blocked = make('span', 'blocked', words.blocked);
  const toggle = button('quiet', '', null, () => block(shownNow.id, !shownNow.is_blocked));
  const transfers = make('ul', 'transfers');
  const root = make('li', '', make('p', 'who', name, ' ', about, ' ', blocked), toggle, transfers);

  function update(visitor) {
    shownNow = visitor;
    setText(name, visitor.name);
    const client = [visitor.browser, visitor.device].filter(Boolean).join(' · ');
    setText(
      about,
      [client, countryName(visitor.country), shownAddress(visitor.address)].filter(Boolean).join(' · '),
    );
    setShown(blocked, visitor.is_blocked);
    setText(toggle.querySelector('span'), visitor.is_blocked ? words.unblock : words.block);
    toggle.setAttribute(
      'aria-label',
      fill(visitor.is_blocked ? words.unblock_who : words.block_who, { name: visitor.name }),
    );
    toggle.title = visitor.is_blocked ? '' : words[visitor.neighbours ? 'block_hint' : 'block_address_hint'];
    root.classList.toggle('away', !visitor.is_here);
  }

  return { root, update, transfers };
}
