// Documents: which part of the script shows which.

import { asked } from '../list/address.js';
import { kinds } from '../list/page.js';
import { loadPart } from './parts.js';

const TABLE = /\.(csv|tsv)$/i;
const ARCHIVE = /\.(zip|jar|cbz|whl|xpi|vsix|tar|tar\.gz|tgz|tar\.xz|txz)$/i;

/** Whether a part shows it, as far as its name tells. Names of many texts tell nothing. */
export function isDocument({ kind, name }) {
  return (kind >= kinds.markdown && kind <= kinds.code) || kind === kinds.file || ARCHIVE.test(name);
}

/** Shows a document. */
export async function showDocument(entry, stage, signal) {
  // A line is one of a text.
  const isTable = TABLE.test(entry.name) && !asked('line');
  const name = isTable ? 'table' : ARCHIVE.test(entry.name) ? 'archive' : 'text';
  const { showArchive, showTable, showText } = await loadPart(name);
  if (!signal.aborted) await (showTable ?? showArchive ?? showText)(entry, stage, signal);
}
