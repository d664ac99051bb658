// How many pixels the pictures of the list need.

import { list } from './state.js';

// The approximate width of tiles, and how far a thumbnail may be scaled up.
const WIDTHS = { small: 110, medium: 170, large: 250 };
const STRETCH = 1.3;

// The shorter side of a small thumbnail.
const FEW = 208;

const width = () => WIDTHS[list.tiles] * devicePixelRatio;

/** Whether a small thumbnail is sharp enough. */
export const needsFewPixels = () => list.layout !== 'gallery' || width() <= FEW * STRETCH;

/** Whether a picture with this many pixels on its shorter side looks coarse. */
export const looksCoarse = (pixels) => list.layout === 'gallery' && pixels * STRETCH < width();

/** How many pixels count for the sharp thumbnail that is asked for now. There is nothing sharper than the large one. */
export const sharpPixels = () => (needsFewPixels() ? FEW : Infinity);
