// Links in Markdown: to headings of the same text, and to other files, which open in the viewer too.

import { isForBrowser } from '../common/dom.js';
import { query, remember } from '../list/address.js';
import { list } from '../list/state.js';
import { encoded } from '../list/text.js';
import { canView, viewed } from '../viewer/neighbours.js';
import { openViewer, show } from '../viewer/viewer.js';

/** Starts to follow such links. */
export function followLinks() {
  document.addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target);
    /** @type {HTMLAnchorElement | null} */
    const link = target.closest?.('.prose a');
    if (!link?.href || isForBrowser(event) || link.origin !== location.origin) return;
    const place = link.getAttribute('href');
    if (place.startsWith('#')) {
      event.preventDefault();
      goToHeading(link.closest('.prose'), place);
    } else if (!link.pathname.endsWith('/') && !link.search) {
      event.preventDefault();
      goToFile(link);
    }
  });
}

/** The heading that the part of an address after `#` means. */
export function headingAt(prose, place) {
  try {
    const id = decodeURIComponent(place.slice(1));
    return [...prose.querySelectorAll('[id]')].find((each) => each.id === id);
  } catch {
    return undefined;
  }
}

// The address keeps the heading, without another history entry.
function goToHeading(prose, place) {
  const heading = headingAt(prose, place);
  if (!heading) return;
  heading.scrollIntoView();
  // Keys go on from there.
  if (heading.tabIndex < 0) heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  try {
    history.replaceState(history.state, '', query(viewed.entry?.code) + '#' + heading.id);
  } catch {
    // Safari limits how often it can be changed.
  }
}

async function goToFile(link) {
  const entry = list.all.find((each) => new URL(each.url, location.href).pathname === link.pathname);
  const lines = /^#L(\d+)(?:-L?(\d+))?$/.exec(link.hash);
  const rest = lines ? `&line=${lines[1]}${lines[2] ? `-${lines[2]}` : ''}` : '';
  const heading = lines ? '' : link.hash.replace('#', '#text-');
  if (entry && canView(entry)) {
    if (!viewed.entry) return openViewer(entry, rest + heading);
    remember(entry.code + rest + heading);
    return show(entry);
  }
  // What is in another folder opens in the page of that.
  const answer = await fetch(link.href, { method: 'HEAD' }).catch(() => null);
  const isFile = answer?.ok && !new URL(answer.url).pathname.endsWith('/');
  const name = link.pathname.split('/').pop();
  const folder = link.href.split('#')[0].slice(0, -name.length);
  location.href = isFile ? `${folder}?open=${recoded(name)}${rest}${heading}` : link.href;
}

// Names in links may be encoded in other ways than those of the list.
function recoded(name) {
  try {
    return encoded(decodeURIComponent(name));
  } catch {
    return name;
  }
}
