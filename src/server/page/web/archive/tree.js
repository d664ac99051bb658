// What is in an archive, as a tree of folders.

import { kinds } from '../list/page.js';

/**
 * @typedef {{
 *   key: string, name: string, path: string, kind: number, size: number | null, time: number | null,
 *   member: string | null,
 * }} Item `key` is its path without detours; that of a folder ends with a slash
 * @typedef {{ name: string, size: number, items: Item[], at: number }} Folder
 *   all that is in it, in order, and where the names in it begin in their keys
 */

const isFolder = ({ kind }) => kind === kinds.folder;
const sum = (items) => items.reduce((all, { size }) => all + (size ?? 0), 0);

/**
 * Names may be nested thousands of levels deep, so folders are made when they are looked into.
 * @param {[string, number, number | null, number | null, string | null][]} entries as the server lists them
 * @returns {{ root: Folder, files: Item[] }}
 */
export function treeOf(entries) {
  const all = [];
  for (const [path, kind, size, time, member] of entries) {
    const names = path.split('/').filter((name) => name && name !== '.');
    const key = names.join('/') + (kind === kinds.folder ? '/' : '');
    if (names.length) all.push({ key, name: names.at(-1), path, kind, size, time, member });
  }
  const files = all.filter((item) => !isFolder(item));
  all.sort((a, b) => Number(a.key > b.key) - Number(a.key < b.key));
  // A folder is there anyway if something is in it.
  const items = all.filter((item, index) => !(isFolder(item) && all[index + 1]?.key.startsWith(item.key)));
  return { root: { name: '', size: sum(items), items, at: 0 }, files };
}

/** The folder that begins there. Those that have only one folder in them are one row with it. */
function folder(items, start) {
  const first = items[0].key;
  const last = items.at(-1).key;
  let at = start;
  for (let end = start; end < first.length && first[end] === last[end]; end++) {
    if (first[end] === '/') at = end + 1;
  }
  return { name: first.slice(start, at - 1), size: sum(items), items, at };
}

const collator = new Intl.Collator(undefined, { numeric: true });

/**
 * What is directly in a folder: folders first, then files, each sorted by name.
 * @param {Folder} of
 * @returns {(Folder | Item)[]}
 */
export function childrenOf({ items, at }) {
  const found = [];
  for (let index = 0; index < items.length;) {
    const start = index;
    const { key } = items[start];
    const name = key.slice(at, key.indexOf('/', at) + 1);
    do index++;
    while (name && items[index]?.key.startsWith(name, at));
    if (name) found.push(folder(items.slice(start, index), at));
    else if (key.length > at) found.push(items[start]);
  }
  return found.sort((a, b) => Number(!a.items) - Number(!b.items) || collator.compare(a.name, b.name));
}
