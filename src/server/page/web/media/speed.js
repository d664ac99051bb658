// How fast a video or a sound plays.

import { element } from '../common/dom.js';
import { number } from '../common/locale.js';
import { texts } from '../list/page.js';

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

// The next file plays as fast.
let speed = 1;

/** Lets the visitor choose the speed. */
export function offerSpeeds(media, tools) {
  media.defaultPlaybackRate = media.playbackRate = speed;
  const choice = element('select', 'speed');
  choice.title = texts.speed;
  choice.setAttribute('aria-label', texts.speed);
  for (const each of SPEEDS)
    choice.append(new Option(number.format(each) + '×', String(each), false, each === speed));
  choice.addEventListener('change', () => {
    speed = Number(choice.value);
    media.defaultPlaybackRate = media.playbackRate = speed;
  });
  const old = tools.querySelector('.speed');
  const hadFocus = old && old === document.activeElement;
  old?.remove();
  tools.append(choice);
  if (hadFocus) choice.focus();
}
