// Which files the viewer shows, and in which order.

import { list } from '../list/state.js';

export const canView = (entry) => !entry.isFolder;

/** The file that is shown, or `null`. */
export const viewed = { entry: null };

/** The next or previous file that can be viewed, in the order of the list. */
export function neighbour(way) {
  const { shown } = list;
  for (let index = shown.indexOf(viewed.entry) + way; index >= 0 && index < shown.length; index += way) {
    if (canView(shown[index])) return shown[index];
  }
  return null;
}
