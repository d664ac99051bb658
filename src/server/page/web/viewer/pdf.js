// PDFs.

import { element } from '../common/dom.js';
import { viewerWords } from '../list/page.js';
import { card } from './card.js';

/** Shows a PDF by the browser's own means. */
export function showPdf(entry, stage) {
  // Phones and tablets can't embed PDFs, or show only the first page.
  if (navigator.pdfViewerEnabled === false || matchMedia('(pointer: coarse)').matches) {
    stage.replaceChildren(card(entry, '', viewerWords.open));
    return;
  }
  const frame = element('iframe');
  frame.title = entry.name;
  frame.src = entry.url;
  stage.append(frame);
}
