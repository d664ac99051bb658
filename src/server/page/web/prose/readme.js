// The README beside the list: its code is coloured, and can be copied, once it comes into view.

import { loadPart } from '../viewer/parts.js';

/** Watches for code in the README. */
export function watchReadme() {
  const readme = document.querySelector('.readme');
  const code = readme?.querySelectorAll('pre') ?? [];
  const watch = new IntersectionObserver(async (seen) => {
    if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
    watch.disconnect();
    try {
      const { colourReadme } = await loadPart('text');
      colourReadme(readme);
    } catch {
      // It can be read as it is.
    }
  });
  for (const block of code) watch.observe(block);
}
