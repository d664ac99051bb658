// Messages at the edge of the page.

import { at } from '../../../server/page/web/common/dom.js';
import { button, make } from './elements.js';
import { texts } from './texts.js';

/** Says something to people who don't see the page. */
export function say(text) {
  at('said').textContent = '';
  setTimeout(() => {
    at('said').textContent = text;
  }, 50);
}

const NOTICES = 3;
const NOTICE_MS = 15_000;

/** Shows a message at the edge of the page, until it is closed or has been there for a while. */
export function notify(title, body = '', language = document.documentElement.lang) {
  const text = make('div', '', make('strong', '', title), body && make('p', '', body));
  text.lang = language;
  text.dir = 'auto';
  const item = make('li', '', text);
  const close = button('bare', '', 'close', () => item.remove());
  close.setAttribute('aria-label', texts.close);
  item.append(close);
  const all = at('notices');
  all.append(item);
  while (all.children.length > NOTICES) all.firstChild.remove();
  say(`${title} ${body}`);
  const leave = () => {
    if (item.matches(':hover, :focus-within')) setTimeout(leave, NOTICE_MS);
    else item.remove();
  };
  setTimeout(leave, NOTICE_MS);
}
