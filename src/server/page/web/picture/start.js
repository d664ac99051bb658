// What one can do with a picture. A part of the page's script, for those who open one.

import { Zoom } from './zoom.js';

/**
 * Lets the visitor zoom a picture and move it.
 * @param {HTMLImageElement} image
 */
export function control(entry, image, stage, signal) {
  const zoom = new Zoom(entry, image, stage, signal);
  zoom.listen();
}
