// PDFs.

import { element } from '../common/dom.js';
import { viewerWords } from '../list/page.js';
import { card } from './card.js';
import { askAbout } from './failure.js';

/** Shows a PDF by the browser's own means. */
export async function showPdf(entry, stage, signal, failed) {
  // Phones and tablets can't embed PDFs, or show only the first page.
  if (navigator.pdfViewerEnabled === false || matchMedia('(pointer: coarse)').matches) {
    stage.replaceChildren(card(entry, '', { open: viewerWords.open }));
    return;
  }
  const frame = element('iframe');
  frame.title = entry.name;
  frame.src = entry.url;
  stage.append(frame);
  // A frame doesn't tell whether it could load.
  if ((await askAbout(entry.url, signal)) !== 'there' && !signal.aborted) failed();
}
