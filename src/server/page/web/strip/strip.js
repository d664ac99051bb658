// The strip above a document: what is to be said about it, and what can be done with it.

import { element } from '../common/dom.js';

/**
 * @param {string} text
 * @param {...HTMLElement} controls
 */
export function strip(text, ...controls) {
  const made = element('div', 'strip');
  const said = element('p', '', text);
  said.setAttribute('role', 'status');
  made.append(said, ...controls);
  return made;
}

/**
 * A button for a strip.
 * @param {string} text
 * @param {() => void} act
 */
export function stripButton(text, act) {
  const made = element('button', '', text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

/**
 * Something that may be wider than the stage: then fingers and arrow keys scroll it, and don't lead to
 * another file.
 */
export function paper(stage, signal, ...content) {
  const made = element('div', 'paper');
  made.append(...content);
  const isWide = () => stage.scrollWidth > stage.clientWidth + 1;
  const keep = (event) => {
    if (isWide()) event.stopPropagation();
  };
  for (const type of ['touchstart', 'pointerdown']) made.addEventListener(type, keep, { passive: true });
  stage.addEventListener(
    'keydown',
    (event) => {
      if (/^Arrow(Left|Right)$/.test(event.key)) keep(event);
    },
    { signal },
  );
  return made;
}
