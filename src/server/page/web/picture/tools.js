// What the visitor can do with the pictures that they look at: buttons and keys.

import { element } from '../common/dom.js';
import { texts } from '../list/page.js';
import { closeInformation, toggleInformation } from './information.js';
import { isFullscreen, mayBeFull, toggleFullscreen } from './fullscreen.js';
import { toggleSlideshow, watchVisitor } from './slideshow.js';

const DRAWINGS = {
  information: 'M12 11v5.5M12 7.6v.01M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0z',
  slideshow: 'M4.5 5h15v14h-15zM10.5 9.2v5.6l4.3-2.8z',
  fullscreen: 'M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15',
};

/** Adds the buttons, unless they are there. */
export function offerTools(viewer) {
  const { tools, dialog } = viewer;
  if (tools.childElementCount) return;
  const acts = {
    i: () => toggleInformation(viewer, information),
    f: () => toggleFullscreen(viewer),
    ' ': () => toggleSlideshow(viewer, slideshow),
  };
  const information = button('information', acts.i);
  const slideshow = button('slideshow', acts[' ']);
  tools.append(information, slideshow);
  if (mayBeFull()) tools.append(button('fullscreen', acts.f));
  const { signal } = viewer.kind;
  dialog.addEventListener(
    'keydown',
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const act = acts[event.key.toLowerCase()];
      if (!act || (event.key === ' ' && event.target.closest('button, a'))) return;
      event.preventDefault();
      act();
    },
    { signal },
  );
  watchVisitor(viewer, slideshow, signal);
  signal.addEventListener('abort', () => {
    if (isFullscreen()) document.exitFullscreen();
    closeInformation(viewer);
  });
}

function button(name, act) {
  const made = element('button', 'act');
  made.type = 'button';
  made.title = texts[name];
  made.setAttribute('aria-label', texts[name].replace(/\s*[(（].*$/, ''));
  made.setAttribute('aria-keyshortcuts', { information: 'I', slideshow: 'Space', fullscreen: 'F' }[name]);
  if (name !== 'fullscreen') made.setAttribute('aria-pressed', 'false');
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', DRAWINGS[name]);
  svg.append(path);
  made.append(svg);
  made.addEventListener('click', act);
  return made;
}
