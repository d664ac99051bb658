// A card for each share. Cards are changed where they are, so that nobody loses their place.

const cards = new Map();
// After this time, a control that changed nothing shows again what is.
const SETTLE_MS = 1500;

function makeCard(id) {
  const words = texts.card;
  let card = {};
  const does = (action, more) => act(action, { share: id, ...more });
  const name = element('bdi');
  const title = element('h2', '', name);
  title.id = `name-${id}`;
  const picture = element('span', 'pic');
  const place = element('p', 'place soft');
  place.dir = 'ltr';
  const state = element('span');
  const problem = element('p', 'problem');
  problem.lang = 'en';
  problem.dir = 'auto';
  const link = element('a', 'address');
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.dir = 'ltr';
  const copyLink = button('button', words.copy, 'copy', () =>
    copy(card.link, copyLink, () => does('copy-link')),
  );
  const qr = button('button plain', words.qr, 'qr', () => showQrCode(card));
  const linkRow = element('div', 'link', link, element('p', 'acts', copyLink, qr));
  const drive = makeDrive(id);
  const network = element('a', 'address');
  network.target = '_blank';
  network.rel = 'noopener noreferrer';
  network.dir = 'ltr';
  const copyNetwork = button('button plain', words.copy, 'copy', () =>
    copy(card.network_links[0], copyNetwork, () => does('copy-network-link')),
  );
  const networkQr = button('button plain', words.qr, 'qr', () => showQrCode(card, '/network'));
  const listens = element('p', 'soft', words.network_listens);
  const networkProblem = element('p', 'soft');
  networkProblem.lang = 'en';
  networkProblem.dir = 'auto';
  const networkAnyway = button('button plain small', words.network_anyway, null, () =>
    does('lan', { on: true }),
  );
  const networkRow = element(
    'div',
    'link network',
    element('p', 'soft', words.network),
    network,
    listens,
    element('p', 'acts', copyNetwork, networkQr),
  );
  const noLink = element('p', 'soft', words.no_link);
  const local = element('a', '', words.open_local);
  local.target = '_blank';
  local.rel = 'noopener noreferrer';
  const requests = element('a', 'button plain small', icon('look'), element('span', '', texts.requests.open));
  requests.href = `#requests-${id}`;
  const live = makeLive(id);
  const facts = element('ul', 'facts soft');
  const answers = {
    confirm: button('button', words.confirm, null, () => does('confirm')),
    retry: button('button plain', words.retry, null, () => does('retry')),
    'download-sidecar': button('button', '', 'get', () => act('download-sidecar')),
  };
  const progress = element('p', 'soft');
  const openFolder = button('button plain small', words.open_folder, 'folder', () => does('open-folder'));
  const stop = button('button plain small', words.stop, 'stop', () => does('stop'));
  const settings = makeSettings(async (action, more) => {
    await does(action, more);
    setTimeout(() => update(card), SETTLE_MS);
  });
  const trouble = element(
    'div',
    'trouble',
    icon('warning'),
    element('div', '', problem, progress, element('p', 'acts', ...Object.values(answers))),
  );
  const about = element(
    'div',
    'about',
    element('header', '', picture, element('div', 'what', title, place), element('p', 'state', state)),
    trouble,
    linkRow,
    drive.root,
    noLink,
    networkRow,
    networkProblem,
    networkAnyway,
    facts,
    live.root,
    element('p', 'acts foot', openFolder, requests, stop, local),
  );
  const root = element('li', 'card', about, settings.root);
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
    const files = { size: shownSize(received.bytes), n: received.files };
    const coming = { size: shownSize(incoming.received), total: shownSize(incoming.expected ?? 0) };
    const counts = set?.counts;
    const all = [
      left !== null && fill(words.ends_in, { time: shownTime(left) }),
      counts?.left && fill(counted(words[`${counts.what}_left`], counts.left), { n: counts.left }),
      incoming.files && fill(incoming.expected === null ? words.receiving : words.receiving_of, coming),
      received.files && fill(counted(words.received, received.files), files),
    ].filter(Boolean);
    const before = [...facts.children].map((item) => item.textContent);
    if (JSON.stringify(before) !== JSON.stringify(all))
      facts.replaceChildren(...all.map((fact) => element('li', '', fact)));
    setShown(facts, all.length);
  }

  return { root, update, tell, live };
}

function showCards() {
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
        const share = element('button', 'button plain', ...filled(texts.ended.again, { name }));
        share.type = 'button';
        share.addEventListener('click', () => act('share-again', { share: id }));
        return element('li', '', share);
      }),
    );
  }
  setShown(at('ended'), ended.length);
}

setInterval(() => cards.forEach((card) => card.tell()), 15_000);
