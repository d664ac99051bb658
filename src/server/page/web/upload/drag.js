// Drops of files and whole folders anywhere on the page.

/** Calls `take` with the entries and the files of each drop. */
export function takeDrops(take, signal) {
  let depth = 0;
  const on = (event) => {
    const { type, dataTransfer } = event;
    if (!dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    depth = type === 'drop' ? 0 : Math.max(depth + ({ dragenter: 1, dragleave: -1 }[type] ?? 0), 0);
    document.body.classList.toggle('dropping', depth > 0);
    if (type !== 'drop') return;
    // The entries must be taken now: nothing of this is left after the event.
    const items = [...dataTransfer.items].filter(({ kind }) => kind === 'file');
    take(items.map((item) => item.webkitGetAsEntry()).filter(Boolean), [...dataTransfer.files]);
  };
  for (const type of ['dragenter', 'dragleave', 'dragover', 'drop'])
    window.addEventListener(type, on, { signal });
}
