// What the viewer shows in place of a file.

import { element, icon } from '../common/dom.js';
import { shownAge } from '../common/dates.js';
import { shownSize } from '../common/sizes.js';
import { page, texts, viewerWords } from '../list/page.js';

/**
 * For files that can't be viewed here: what they are, and what else can be done with them.
 * @param {{ open?: string, again?: () => void }} [ways]  to open it in a new tab, or to try again
 */
export function card(entry, text, { open, again } = {}) {
  const made = element('div', 'card');
  const picture = icon(page.icons[entry.kind]);
  picture.classList.add('big');
  made.append(picture);
  const facts = [page.names[entry.kind], shownSize(entry.size), shownAge(entry.time)];
  made.append(element('p', 'facts', facts.join(' · ')));
  if (text) {
    const why = element('p', '', text);
    if (again) why.setAttribute('role', 'alert');
    made.append(why);
  }
  if (open) {
    const way = element('a', 'button');
    Object.assign(way, { href: entry.url, target: '_blank', rel: 'noopener' });
    way.append(icon('out'), element('span', '', open));
    made.append(way);
  }
  if (again) {
    const retry = element('button', 'button', texts.again);
    retry.type = 'button';
    retry.addEventListener('click', again);
    // Without a connection there is nothing to download.
    made.append(retry);
    return made;
  }
  const save = element('a', open ? 'button plain' : 'button');
  save.href = entry.url + '?download';
  save.setAttribute('download', '');
  save.append(
    icon('get'),
    element('span', '', viewerWords.save),
    element('small', '', shownSize(entry.size)),
  );
  made.append(save);
  return made;
}
