// What is in an archive. A part of the page's script, for those who open one.

import { counted } from '../common/counts.js';
import { shownAge } from '../common/dates.js';
import { element, fill, icon } from '../common/dom.js';
import { number } from '../common/locale.js';
import { shownSize } from '../common/sizes.js';
import { page, texts, viewerWords, words } from '../list/page.js';
import { folded } from '../list/text.js';
import { paper, strip } from '../strip/strip.js';
import { card } from '../viewer/card.js';
import { fillAll, forgetOthers, rows } from './rows.js';
import { childrenOf, treeOf } from './tree.js';

// In an archive with so few entries, all folders are open.
const SMALL = 60;

/** Shows the list of what is in an archive. */
export async function showArchive(entry, stage, signal) {
  const wait = setTimeout(() => stage.append(element('p', 'wait', viewerWords.loading)), 300);
  try {
    const response = await fetch(entry.url + '?contents', { signal });
    if (response.status === 404) throw new Error('gone');
    const isListed = response.ok && response.headers.get('content-type')?.startsWith('application/json');
    if (!isListed) {
      await response.body?.cancel();
      stage.className = 'stage media';
      stage.replaceChildren(card(entry, response.ok ? '' : texts.unreadable_archive));
      return;
    }
    const { cut, entries } = await response.json();
    showTree(entry, stage, signal, treeOf(entries), entries.length <= SMALL, cut);
  } finally {
    clearTimeout(wait);
  }
}

function showTree(entry, stage, signal, { root, files }, isSmall, isCut) {
  const box = element('div', 'tree');
  const all = () => rows(childrenOf(root), (node) => drawNode(entry, node, isSmall));
  box.append(...all());
  const told = [counted(texts.count.file, files.length), shownSize(root.size)].join(' · ');
  const input = element('input');
  Object.assign(input, { type: 'search', placeholder: words.filter, autocomplete: 'off', spellcheck: false });
  input.setAttribute('aria-label', words.filter);
  const bar = strip(told, input);
  input.addEventListener('input', () => {
    const text = folded(input.value.trim());
    const found = text ? files.filter(({ path }) => folded(path).includes(text)) : [];
    box.replaceChildren(...(text ? rows(found, (node) => drawFile(entry, node, node.path)) : all()));
    forgetOthers(box);
    const counts = { n: number.format(found.length), total: number.format(files.length) };
    bar.firstChild.textContent = text ? fill(words.matching, counts) : told;
    stage.scrollTop = 0;
  });
  const notes = isCut ? [element('p', 'cut', viewerWords.cut)] : [];
  stage.replaceChildren(paper(stage, signal, bar, ...notes, box));
  addEventListener('beforeprint', fillAll, { signal });
  signal.addEventListener('abort', () => forgetOthers(null));
}

const drawNode = (entry, node, isOpen) =>
  node.items ? drawFolder(entry, node, isOpen) : drawFile(entry, node, node.name);

// What is in a folder is drawn when it is first opened.
function drawFolder(entry, node, isOpen) {
  const item = element('li');
  const details = element('details');
  const summary = element('summary', 'folder');
  summary.append(icon('on'), icon('folder'), named(node.name), element('span', 'size', shownSize(node.size)));
  details.append(summary);
  const open = () => {
    if (details.childElementCount > 1) return;
    details.append(...rows(childrenOf(node), (child) => drawNode(entry, child, isOpen)));
  };
  details.addEventListener('toggle', open);
  if (isOpen) {
    details.open = true;
    open();
  }
  item.append(details);
  return item;
}

function drawFile(entry, node, name) {
  const item = element('li', `leaf ${page.icons[node.kind]}`);
  const size = node.size === null ? '' : shownSize(node.size);
  const time = node.time === null ? '' : shownAge(node.time);
  item.append(
    icon(page.icons[node.kind]),
    named(name),
    element('span', 'size', size),
    element('span', 'time', time),
  );
  if (node.member !== null) {
    const save = element('a', 'get');
    save.href = `${entry.url}?member=${node.member}`;
    save.setAttribute('download', '');
    save.setAttribute('aria-label', fill(words.download, { name: node.name }));
    save.append(icon('get'));
    item.append(save);
  }
  return item;
}

const named = (name) => element('bdi', '', name);
