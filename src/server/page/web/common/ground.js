// What transparent pictures lie on, so that one sees dark ones and white ones.

const SIDE = 24;
const MAY_BE_TRANSPARENT = /\.(a?png|webp|gif|svgz?|avif|ico|jxl)$/i;

/**
 * The ground that a loaded picture needs: `light`, `dark` or `middle`; nothing if it covers its own.
 * @param {HTMLImageElement} image
 * @param {string} name  of the file
 */
export function ground(image, name) {
  if (!MAY_BE_TRANSPARENT.test(name)) return '';
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  try {
    pen.drawImage(image, 0, 0, SIDE, SIDE);
    return groundFor(pen.getImageData(0, 0, SIDE, SIDE).data);
  } catch {
    // Some drawings can't be looked at.
    return 'middle';
  }
}

/**
 * The ground for these pixels: red, green, blue and alpha of each.
 * @param {ArrayLike<number>} pixels
 */
export function groundFor(pixels) {
  let clear = 0;
  let dark = 0;
  let light = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3] / 255;
    clear += 1 - alpha;
    const shade = (pixels[at] * 0.3 + pixels[at + 1] * 0.59 + pixels[at + 2] * 0.11) / 255;
    if (shade < 0.35) dark += alpha;
    else if (shade > 0.65) light += alpha;
  }
  if (clear < (pixels.length / 4) * 0.01) return '';
  if (Math.min(dark, light) > Math.max(dark, light) * 0.25) return 'middle';
  return light > dark ? 'dark' : 'light';
}
