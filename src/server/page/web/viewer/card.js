// What the viewer shows in place of a file.

import { element, icon } from '../common/dom.js';
import { shownAge } from '../common/dates.js';
import { shownSize } from '../common/sizes.js';
import { page, viewerWords } from '../list/page.js';

/** For files that can't be viewed here: what they are, and what else can be done with them. */
export function card(entry, text, open) {
  const made = element('div', 'card');
  const picture = icon(page.icons[entry.kind]);
  picture.classList.add('big');
  made.append(picture);
  const facts = [page.names[entry.kind], shownSize(entry.size), shownAge(entry.time)];
  made.append(element('p', 'facts', facts.join(' · ')));
  if (text) made.append(element('p', '', text));
  if (open) {
    const way = element('a', 'button');
    Object.assign(way, { href: entry.url, target: '_blank', rel: 'noopener' });
    way.append(icon('out'), element('span', '', open));
    made.append(way);
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
