// Selecting, searching in all folders, and the keys. A part of the page's script, for those who do.

import { showKeyTable } from './keys.js';
import { all, pickOne, stop, switchOn } from './picking.js';
import { searchBelow, turnSearch } from './search.js';
import { copyLinkTo, sendLinkTo } from './sharing.js';

/** Selects or deselects a row; with `isRange`, all from the last one to it. */
export const pick = pickOne;
/** Selects everything that is shown. */
export const pickAll = all;
export const switchPicking = switchOn;
export const stopPicking = stop;
/** Searches for what the visitor has typed, or shows the folder again. */
export const search = searchBelow;
export const switchSearch = turnSearch;
export const showKeys = showKeyTable;
/** A link to a file or folder. */
export const copyOne = copyLinkTo;
export const sendOne = sendLinkTo;
