// What is in an archive, as a tree of folders.

import { kinds } from '../list/page.js';

/**
 * @typedef {{
 *   name: string, path: string, kind: number, size: number | null, time: number | null,
 *   member: string | null, children: Map<string, Node> | null,
 * }} Node
 */

/**
 * Folders come first, then files, each sorted by name.
 * @param {[string, number, number | null, number | null, string | null][]} entries as the server lists them
 */
export function treeOf(entries) {
  const root = folder('', '');
  const files = [];
  for (const [path, kind, size, time, member] of entries) {
    const names = path.split('/').filter((name) => name && name !== '.');
    const isFolder = kind === kinds.folder;
    const name = isFolder ? '' : names.pop();
    let parent = root;
    for (const each of names) parent = into(parent, each);
    if (!name) continue;
    const file = { name, path, kind, size, time, member, children: null };
    files.push(file);
    // An archive may have the same name more than once.
    parent.children.set(`${name}/${files.length}`, file);
  }
  measure(root);
  return { root, files };
}

const folder = (name, path) => ({
  name,
  path,
  kind: kinds.folder,
  size: 0,
  time: null,
  member: null,
  children: new Map(),
});

function into(parent, name) {
  const key = `/${name}`;
  if (!parent.children.has(key)) parent.children.set(key, folder(name, `${parent.path}${name}/`));
  return parent.children.get(key);
}

// Names may be nested deeply, so this doesn't call itself.
function measure(root) {
  const folders = [root];
  for (const each of folders) {
    for (const child of each.children.values()) if (child.children) folders.push(child);
  }
  for (const each of folders.reverse()) {
    for (const { size } of each.children.values()) each.size += size ?? 0;
  }
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** What is directly in a folder, in order. */
export function sortedChildren({ children }) {
  const all = [...children.values()];
  return all.sort((a, b) => Number(!a.children) - Number(!b.children) || collator.compare(a.name, b.name));
}
