// Takes drops on the list of a folder that visitors may add to. The page for handing in files takes
// the place of the list, because what was dropped can't be taken to another page.

import { takeDrops } from '../upload/drag.js';

const over = new AbortController();

async function replaceList(...dropped) {
  over.abort();
  try {
    const answer = await fetch('./?upload');
    if (!answer.ok) throw new Error(answer.statusText);
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    history.pushState(null, '', './?upload');
    const parsed = next.querySelector('script[type=module]');
    parsed.remove();
    document.head.replaceChildren(...next.head.childNodes);
    document.body.replaceWith(next.body);
    window.dropped = dropped;
    // Only a new script runs.
    const script = document.createElement('script');
    script.type = 'module';
    script.textContent = parsed.textContent;
    document.body.append(script);
  } catch {
    location.assign('./?upload');
  }
}

takeDrops(replaceList, over.signal);
window.addEventListener('popstate', (event) => {
  if (!over.signal.aborted) return;
  // The list is gone.
  event.stopImmediatePropagation();
  location.reload();
});
