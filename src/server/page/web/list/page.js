// What the server tells the script about the page.

const data = JSON.parse(document.getElementById('page').textContent);

/** The folder: its number of entries, and how it is shown at first. */
export const page = data;
export const words = data.list;
/** What only scripts say. */
export const texts = data.texts;
/** The texts of the viewer. */
export const viewerWords = data.viewer;

const KINDS = [
  'folder',
  'picture',
  'video',
  'audio',
  'pdf',
  'markdown',
  'text',
  'code',
  'document',
  'sheet',
  'slides',
  'archive',
  'font',
  'program',
  'file',
];

/** The kinds of files, by the number that a row has. The order is that of the server. */
export const kinds = Object.fromEntries(KINDS.map((name, kind) => [name, kind]));
