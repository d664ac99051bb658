// Brings the page to life.

async function loadAll() {
  say(words.loading);
  const entries = [];
  let size = 0;
  try {
    for await (const piece of allEntries()) {
      for (const entry of piece) {
        entries.push(entry);
        size += entry.size;
      }
    }
  } catch {
    say(words.not_loaded);
    return;
  }
  list.all = entries;
  const total = at('summary');
  if (!total.querySelector('.bytes')) total.append(' · ' + shownSize(size));
  at('pages')?.remove();
  arrange();
}

// What everything comes to as a zip, where folders keep the page from knowing it.
async function tellZipSize() {
  const place = at('zip');
  if (!place || place.childElementCount) return;
  try {
    const response = await fetch('./?archive=zip', { method: 'HEAD' });
    const isZip = response.headers.get('content-type') === 'application/zip';
    const bytes = Number(response.headers.get('content-length'));
    if (response.ok && isZip && bytes) place.textContent = shownSize(bytes);
  } catch {
    // The button works without it.
  }
}

function followUrl() {
  const open = asked('open');
  const entry = open && list.all.find((each) => each.code === open);
  if (entry && canView(entry)) show(entry);
  else hide();
}

document.body.classList.add('alive');
const [counts] = at('summary')?.childNodes ?? [];
if (counts) counts.data = counts.data.replace(/\d{4,}/g, (digits) => number.format(Number(digits)));
for (const place of document.querySelectorAll('.bytes')) {
  place.textContent = shownSize(Number(place.dataset.s));
}
if (box) {
  takeFromUrl();
  list.all = entriesOfPage();
  const isPart = page.total > list.all.length;
  list.shown = [...list.all];
  listen();
  showLayout();
  if (list.filter) arrange();
  else list.shown.forEach(watchPicture);
  followUrl();
  window.addEventListener('popstate', () => {
    const before = query();
    takeFromUrl();
    if (query() !== before) {
      showSort();
      showLayout();
      at('filter').querySelector('input').value = list.filter;
      arrange();
    }
    followUrl();
  });
  if (isPart) loadAll().then(followUrl);
  tellZipSize();
}
