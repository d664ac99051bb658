// What the visitor can do with the pictures that they look at: buttons and keys.

import { element, icon } from '../common/dom.js';
import { texts } from '../list/page.js';
import { closeInformation, toggleInformation } from './information.js';
import { isFullscreen, mayBeFull, toggleFullscreen } from './fullscreen.js';
import { toggleSlideshow, watchVisitor } from './slideshow.js';

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
  made.append(icon(name));
  made.addEventListener('click', act);
  return made;
}
