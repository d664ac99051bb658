// The card of a share.

import { counted } from '../../../server/page/web/common/counts.js';
import { fill, icon } from '../../../server/page/web/common/dom.js';
import { shownSize } from '../../../server/page/web/common/sizes.js';
import { act } from './act.js';
import { copy } from './copying.js';
import { makeDrive } from './drive.js';
import { button, make, setShown, setText } from './elements.js';
import { makeLive } from './live.js';
import { showQrCode } from './qr_code.js';
import { makeSettings } from './settings.js';
import { clock, parts } from './state.js';
import { texts } from './texts.js';
import { shownTime } from './times.js';

// After this time, a control that changed nothing shows again what is.
const SETTLE_MS = 1500;

/** Makes it. */
export function makeCard(id) {
  const words = texts.card;
  let card = {};
  const does = (action, more) => act(action, { share: id, ...more });
  const name = make('bdi');
  const title = make('h2', '', name);
  title.id = `name-${id}`;
  const picture = make('span', 'pic');
  const place = make('p', 'place soft');
  place.dir = 'ltr';
  const state = make('span');
  const problem = make('p', 'problem');
  problem.lang = 'en';
  problem.dir = 'auto';
  const link = make('a', 'address');
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.dir = 'ltr';
  const copyLink = button('button', words.copy, 'copy', () =>
    copy(card.link, copyLink, () => does('copy-link')),
  );
  const qr = button('button plain', words.qr, 'qr', () => showQrCode(card));
  const linkRow = make('div', 'link', link, make('p', 'acts', copyLink, qr));
  const drive = makeDrive(id);
  const network = make('a', 'address');
  network.target = '_blank';
  network.rel = 'noopener noreferrer';
  network.dir = 'ltr';
  const copyNetwork = button('button plain', words.copy, 'copy', () =>
    copy(card.network_links[0], copyNetwork, () => does('copy-network-link')),
  );
  const networkQr = button('button plain', words.qr, 'qr', () => showQrCode(card, '/network'));
  const listens = make('p', 'soft', words.network_listens);
  const networkProblem = make('p', 'soft');
  networkProblem.lang = 'en';
  networkProblem.dir = 'auto';
  const networkAnyway = button('button plain small', words.network_anyway, null, () =>
    does('lan', { on: true }),
  );
  const networkRow = make(
    'div',
    'link network',
    make('p', 'soft', words.network),
    network,
    listens,
    make('p', 'acts', copyNetwork, networkQr),
  );
  const noLink = make('p', 'soft', words.no_link);
  const local = make('a', '', words.open_local);
  local.target = '_blank';
  local.rel = 'noopener noreferrer';
  const requests = make('a', 'button plain small', icon('look'), make('span', '', texts.requests.open));
  requests.href = `#requests-${id}`;
  const live = makeLive(id);
  const facts = make('ul', 'facts soft');
  const answers = {
    confirm: button('button', words.confirm, null, () => does('confirm')),
    retry: button('button plain', words.retry, null, () => does('retry')),
    'download-sidecar': button('button', '', 'get', () => act('download-sidecar')),
  };
  const progress = make('p', 'soft');
  const openFolder = button('button plain small', words.open_folder, 'folder', () => does('open-folder'));
  const stop = button('button plain small', words.stop, 'stop', () => does('stop'));
  const settings = makeSettings(async (action, more) => {
    await does(action, more);
    setTimeout(() => update(card), SETTLE_MS);
  });
  const trouble = make(
    'div',
    'trouble',
    icon('warning'),
    make('div', '', problem, progress, make('p', 'acts', ...Object.values(answers))),
  );
  const about = make(
    'div',
    'about',
    make('header', '', picture, make('div', 'what', title, place), make('p', 'state', state)),
    trouble,
    linkRow,
    drive.root,
    noLink,
    networkRow,
    networkProblem,
    networkAnyway,
    facts,
    live.root,
    make('p', 'acts foot', openFolder, requests, stop, local),
  );
  const root = make('li', 'card', about, settings.root);
  root.setAttribute('aria-labelledby', title.id);

  function update(next) {
    card = next;
    const general = parts.get('general');
    const can = (action) => card.actions.includes(action);
    const isHurt = card.mood === 'troubled' && ['online', 'connecting', 'reconnecting'].includes(card.state);
    root.dataset.mood = card.mood;
    root.dataset.kind = card.kind;
    if (picture.dataset.kind !== card.kind) {
      picture.dataset.kind = card.kind;
      picture.replaceChildren(icon(card.kind));
    }
    setText(name, card.name);
    setText(place, card.place ?? texts.kind[card.kind]);
    place.title = texts.kind[card.kind];
    const [nearby] = card.network_links;
    const stated = card.state === 'local-only' && nearby ? 'network-only' : card.state;
    setText(state, isHurt ? texts.state.trouble : texts.state[stated]);
    setShown(trouble, card.problem);
    setText(problem, card.problem ?? '');
    for (const [action, answer] of Object.entries(answers)) setShown(answer, can(action));
    setText(
      answers['download-sidecar'].querySelector('span'),
      fill(words.download, { size: shownSize(general.download_size ?? 0) }),
    );
    const isDownloading = card.state === 'local-only' && general.download !== null;
    setShown(progress, isDownloading);
    setText(
      progress,
      fill(words.downloading, {
        size: shownSize(general.download ?? 0),
        total: shownSize(general.download_size ?? 0),
      }),
    );
    setShown(linkRow, card.link);
    if (card.link && link.href !== new URL(card.link).href) {
      link.href = card.link;
      link.textContent = card.link.replace(/^https:\/\//, '');
    }
    drive.update(card);
    setShown(networkRow, nearby);
    if (nearby && network.href !== nearby) {
      network.href = nearby;
      network.textContent = nearby.replace(/^http:\/\/|\/$/g, '');
    }
    network.title = card.network_links.join('\n');
    setShown(listens, card.settings?.protected);
    setShown(networkProblem, card.network_problem);
    setShown(networkAnyway, card.asks_about_network);
    setText(networkProblem, card.network_problem ?? '');
    setShown(noLink, ['starting', 'connecting'].includes(card.state));
    setShown(local, card.local_link && !card.link && !nearby);
    if (card.local_link) local.href = card.local_link;
    setShown(openFolder, can('open-folder'));
    setShown(requests, card.kind === 'site' && can('stop') && !can('confirm'));
    setShown(stop, can('stop'));
    setText(stop.querySelector('span'), can('confirm') ? words.decline : words.stop);
    setShown(settings.root, card.settings);
    if (card.settings) settings.update(card.settings, general.times);
    live.update();
    tell();
  }

  // What changes with time, too.
  function tell() {
    const { received, incoming, settings: set, ends_at: endsAt } = card;
    const left = endsAt === null ? null : endsAt - clock();
    const files = { size: shownSize(received.bytes) };
    const coming = { size: shownSize(incoming.received), total: shownSize(incoming.expected ?? 0) };
    const counts = set?.counts;
    const all = [
      left !== null && fill(words.ends_in, { time: shownTime(left) }),
      counts?.left && counted(words[`${counts.what}_left`], counts.left),
      incoming.files && fill(incoming.expected === null ? words.receiving : words.receiving_of, coming),
      received.files && fill(counted(words.received, received.files), files),
    ].filter(Boolean);
    const before = [...facts.children].map((item) => item.textContent);
    if (JSON.stringify(before) !== JSON.stringify(all))
      facts.replaceChildren(...all.map((fact) => make('li', '', fact)));
    setShown(facts, all.length);
  }

  return { root, update, tell, live };
}
