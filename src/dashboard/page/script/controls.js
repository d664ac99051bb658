// Controls, each of which takes effect at once.

import { make, setOptions } from './elements.js';
import { texts } from './texts.js';

let fields = 0;

// What the user has just chosen stays, although Spot Serve may tell of something else before it knows.
const PENDING_MS = 1400;
function isPending(input, isConfirmed) {
  if (isConfirmed) input.pendingUntil = 0;
  return input.pendingUntil > performance.now();
}

function whenChosen(input, whenChanged) {
  input.addEventListener('change', () => {
    input.pendingUntil = performance.now() + PENDING_MS;
    whenChanged();
  });
}

/** Turns a switch on or off. */
export function setChecked(input, isOn) {
  if (!isPending(input, input.checked === isOn)) input.checked = isOn;
}

/** Shows these options, and which is chosen. */
export function choose(select, options, chosen) {
  setOptions(select, options, isPending(select, select.value === chosen) ? select.value : chosen);
}

/** A row with a switch. */
export function switchRow(label, hint, whenChanged) {
  const input = make('input', 'switch');
  input.type = 'checkbox';
  input.setAttribute('role', 'switch');
  input.id = `field-${++fields}`;
  whenChosen(input, () => whenChanged(input.checked));
  const name = make('label', '', label);
  name.htmlFor = input.id;
  const about = make('small', 'soft', hint);
  about.id = `${input.id}-hint`;
  input.setAttribute('aria-describedby', about.id);
  return { row: make('div', 'row', make('div', '', name, about), input), input };
}

/** A row with a choice. */
export function selectRow(label, whenChanged) {
  const input = make('select');
  input.id = `field-${++fields}`;
  whenChosen(input, () => whenChanged(input.value));
  const name = make('label', '', label);
  name.htmlFor = input.id;
  return { row: make('div', 'row', name, input), input };
}

/** A form that saves a text. */
export function textForm(input, label, whenSaved) {
  input.id = `field-${++fields}`;
  input.dir = 'auto';
  const name = make('label', '', label);
  name.htmlFor = input.id;
  const save = make('button', 'button small', texts.settings.save);
  const form = make('form', 'text', name, input, save);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    whenSaved(input.value);
  });
  return { form, input, save };
}
