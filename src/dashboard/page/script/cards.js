// A card for each share. Cards are changed where they are, so that nobody loses their place.

import { at } from '../../../server/page/web/common/dom.js';
import { act } from './act.js';
import { makeCard } from './card.js';
import { filled, make, setShown } from './elements.js';
import { POINT_MS } from './live.js';
import { parts } from './state.js';
import { texts } from './texts.js';

const cards = new Map();

/** Shows what is shared now. */
export function showCards() {
  const [order, general, ended] = ['order', 'general', 'ended'].map((name) => parts.get(name));
  if (!order) return;
  for (const [id, card] of cards) {
    if (!order.includes(id)) {
      const hadFocus = card.root.contains(document.activeElement);
      card.root.remove();
      cards.delete(id);
      if (hadFocus) document.querySelector('nav a').focus();
    }
  }
  const list = at('cards');
  order.forEach((id, position) => {
    if (!cards.has(id)) cards.set(id, makeCard(id));
    const card = cards.get(id);
    card.update(parts.get(`share/${id}`));
    if (list.children[position] !== card.root) list.insertBefore(card.root, list.children[position] ?? null);
  });
  setShown(at('empty'), !order.length);
  document.body.classList.toggle('nothing', !order.length);
  setShown(at('stop-all'), order.length > 1);
  setShown(at('picking'), general.is_picking);
  for (const start of document.querySelectorAll('[data-do^=share-f],[data-do=receive-files]'))
    start.disabled = general.is_picking;
  const again = at('ended').querySelector('ul');
  if (again.dataset.shown !== JSON.stringify(ended)) {
    again.dataset.shown = JSON.stringify(ended);
    again.replaceChildren(
      ...ended.map(({ id, name }) => {
        const share = make('button', 'button plain', ...filled(texts.ended.again, { name }));
        share.type = 'button';
        share.addEventListener('click', () => act('share-again', { share: id }));
        return make('li', '', share);
      }),
    );
  }
  setShown(at('ended'), ended.length);
}

setInterval(() => cards.forEach((card) => card.tell()), 15_000);
setInterval(() => cards.forEach(({ live }) => live.draw()), POINT_MS);
