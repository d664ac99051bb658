// Starts the page.

import { at } from '../../../server/page/web/common/dom.js';
import { act } from './act.js';
import { showCards } from './cards.js';
import { filled, setShown, setText } from './elements.js';
import { loadLog, logChanged } from './history.js';
import { inspect } from './requests.js';
import { TICKET } from './session.js';
import { parts } from './state.js';
import { texts } from './texts.js';
import { follow } from './wire.js';

const VIEWS = ['shares', 'history', 'requests'];
let isOpen = false;

function showView() {
  const [view, id] = location.hash.slice(1).split('-');
  const card = view === 'requests' && parts.get(`share/${id}`);
  const wanted = view === 'requests' && !card ? VIEWS[0] : (VIEWS.find((each) => each === view) ?? VIEWS[0]);
  for (const view of VIEWS) setShown(at(view), isOpen && view === wanted);
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${wanted}` || (wanted === 'requests' && link.hash === '#shares'))
      link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  for (const part of document.querySelectorAll('.needs')) setShown(part, isOpen);
  if (isOpen && wanted === 'history') loadLog();
  inspect(isOpen && wanted === 'requests' ? card.id : null);
  if (wanted === 'requests')
    at('requests-title').replaceChildren(...filled(texts.requests.title, { name: card.name }));
}

// Says why there is nothing to see.
function showGate(why) {
  isOpen = false;
  showView();
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
  setText(at('gate').querySelector('h2'), texts.gate[why].title);
  setText(at('gate').querySelector('p'), texts.gate[why].text);
  setShown(at('gate'), true);
  setShown(at('picking'), false);
}

function changed() {
  isOpen = true;
  setShown(at('gate'), false);
  showCards();
  logChanged();
  showView();
}

for (const each of document.querySelectorAll('[data-do]')) {
  each.addEventListener('click', () => act(each.dataset.do));
}
window.addEventListener('hashchange', () => {
  // A new address from Spot Serve, in this tab.
  if (TICKET.test(location.hash)) location.reload();
  else showView();
});
follow(
  changed,
  () => showGate('closed'),
  () => showGate('refused'),
);
