// The settings of a share.

import { number } from '../../../server/page/web/common/locale.js';
import { shownSize } from '../../../server/page/web/common/sizes.js';
import { choose, selectRow, setChecked, switchRow, textForm } from './controls.js';
import { copy } from './copying.js';
import { button, make, setShown, setText } from './elements.js';
import { texts } from './texts.js';
import { shownChoice } from './times.js';

const COUNTS = [1, 3, 10, 100];
const SIZES = [1e8, 1e9, 1e10, 1e11];
const SPEEDS = [1e5, 5e5, 1e6, 2e6, 5e6, 1e7];

/** Makes the controls. `wants` sends a change of the share. */
export function makeSettings(wants) {
  const words = texts.settings;
  const protect = switchRow(words.password, words.password_hint, (on) => wants('password', { on }));
  const password = make('code', 'password');
  password.dir = 'auto';
  const copyPassword = button('button plain small', words.copy_password, 'copy', () =>
    copy(shownNow.password, copyPassword),
  );
  const copyLink = button('button plain small', words.copy_link_with_password, 'copy', () =>
    copy(shownNow.link_with_password, copyLink),
  );
  copyLink.title = words.link_with_password_hint;
  const ownInput = make('input');
  ownInput.required = true;
  ownInput.maxLength = 256;
  ownInput.autocomplete = 'off';
  ownInput.spellcheck = false;
  const own = textForm(ownInput, words.own_label, (text) => {
    wants('own-password', { text });
    ownInput.value = '';
    own.form.hidden = true;
    useOwn.hidden = false;
    useOwn.focus();
  });
  own.form.hidden = true;
  const useOwn = button('quiet', words.own, null, () => {
    own.form.hidden = false;
    useOwn.hidden = true;
    ownInput.focus();
  });
  const note = make('p', 'soft');
  const secret = make(
    'div',
    'secret',
    note,
    password,
    make('p', 'acts', copyPassword, copyLink),
    useOwn,
    own.form,
  );
  const uploads = switchRow(words.uploads, words.uploads_hint, (on) => wants('uploads', { on }));
  const hidden = switchRow(words.hidden, words.hidden_hint, (on) => wants('hidden', { on }));
  const places = switchRow(words.places, words.places_hint, (on) => wants('places', { on }));
  const lan = switchRow(words.lan, words.lan_hint, (on) => wants('lan', { on }));
  const stopAfter = selectRow(words.stop_after, (value) =>
    wants('stop-after', { seconds: value ? Number(value) : null }),
  );
  const counts = selectRow('', (value) =>
    wants(shownNow.counts.what, { count: value ? Number(value) : null }),
  );
  const maxSize = selectRow(words.max_size, (value) =>
    wants('max-size', { bytes: value ? Number(value) : null }),
  );
  const limit = selectRow(words.limit, (value) => wants('limit', { speed: value ? Number(value) : null }));
  const area = make('textarea');
  area.rows = 2;
  area.maxLength = 1000;
  area.placeholder = words.message_hint;
  const message = textForm(area, words.message, (text) => wants('message', { text }));
  const isChanged = () => area.value.trim() !== (shownNow.message ?? '');
  area.addEventListener('input', () => setShown(message.save, isChanged()));
  const root = make(
    'section',
    'settings',
    make('h3', 'unseen', words.title),
    protect.row,
    secret,
    stopAfter.row,
    counts.row,
    limit.row,
    uploads.row,
    lan.row,
    maxSize.row,
    message.form,
    hidden.row,
    places.row,
  );
  let shownNow = {};

  function update(settings, times) {
    const before = shownNow;
    shownNow = settings;
    setChecked(protect.input, settings.protected);
    setShown(secret, settings.protected);
    setShown(note, !settings.password);
    setText(note, settings.is_password_changing ? words.changing : words.unknown);
    setShown(password, settings.password);
    setText(password, settings.password ?? '');
    setShown(copyPassword.parentElement, settings.password);
    setShown(copyLink, settings.link_with_password);
    setShown(uploads.row, settings.uploads !== null);
    setChecked(uploads.input, settings.uploads ?? false);
    setShown(hidden.row, settings.hidden !== null);
    setChecked(hidden.input, settings.hidden ?? false);
    setShown(places.row, settings.places !== null);
    setChecked(places.input, settings.places ?? false);
    setShown(lan.row, settings.lan !== null);
    setChecked(lan.input, settings.lan ?? false);
    const offered = [...new Set([...times, settings.stop_after ?? times[0]])].sort((a, b) => a - b);
    choose(
      stopAfter.input,
      [['', words.never], ...offered.map((time) => [String(time), shownChoice(time)])],
      String(settings.stop_after ?? ''),
    );
    setShown(counts.row, settings.counts);
    if (settings.counts) {
      const { what, left } = settings.counts;
      setText(counts.row.querySelector('label'), words[what]);
      const offered = [...new Set([...COUNTS, left ?? 1])].sort((a, b) => a - b);
      choose(
        counts.input,
        [['', words.unlimited], ...offered.map((count) => [String(count), number.format(count)])],
        String(left ?? ''),
      );
    }
    const speeds = [...new Set([...SPEEDS, settings.limit ?? SPEEDS[0]])].sort((a, b) => a - b);
    choose(
      limit.input,
      [['', words.no_limit], ...speeds.map((speed) => [String(speed), shownSize(speed, '-per-second')])],
      String(settings.limit ?? ''),
    );
    const takes = settings.message !== null;
    setShown(message.form, takes);
    setShown(maxSize.row, takes);
    if (before.message !== settings.message && (document.activeElement !== area || !area.value))
      area.value = settings.message ?? '';
    setShown(message.save, isChanged());
    const sizes = [...new Set([...SIZES, settings.max_size ?? SIZES[0]])].sort((a, b) => a - b);
    choose(
      maxSize.input,
      [['', words.any_size], ...sizes.map((size) => [String(size), shownSize(size)])],
      String(settings.max_size ?? ''),
    );
  }

  return { root, update };
}
