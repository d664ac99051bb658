// What one can choose for the gallery, and posters of videos. A part of the page's script, for those who
// choose, and for folders with videos.

import { makeOptions } from './options.js';
import { watch } from './posters.js';

/** Shows what one can choose, below a button that does so from now on. */
export const showOptions = makeOptions;
/** Draws a poster of a video once its tile is in sight. */
export const watchPoster = watch;
