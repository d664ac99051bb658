// What one can do with a picture. A part of the page's script, for those who open one.

import { takePicture } from './information.js';
import { waitForNext } from './slideshow.js';
import { offerTools } from './tools.js';
import { Zoom } from './zoom.js';

/**
 * Lets the visitor zoom a picture that has loaded, move it, and learn about it.
 * @param {HTMLImageElement} image
 */
export function control(entry, image, viewer, signal) {
  new Zoom(entry, image, viewer.stage, signal).listen();
  takePicture(entry, image, viewer.frame, signal);
  waitForNext();
}

/** Adds what goes with pictures to the viewer's bar. */
export function prepare(viewer) {
  offerTools(viewer);
}
