// The main shapes of the list's data.

import type { Entry } from './entry.js';

/** What the list shows, and how. */
export interface List {
  /** Sorted by name. */
  all: Entry[];
  /** The same in the requested order, once it was needed. */
  ordered: Entry[] | null;
  /** Those that match the filter. */
  shown: Entry[];
  sort: string;
  layout: string;
  isLayoutChosen: boolean;
  tiles: string;
  /** Whether tiles show all of a picture. */
  isWhole: boolean;
  /** If there are some, only these are shown, as in URLs. */
  only: Set<string>;
  filter: string;
  /** Whether the search goes through all folders below, and what it has found. */
  isBelow: boolean;
  found: Entry[] | null;
}
