// Making and changing elements. Whatever is shown goes into them as text.

import { icon } from '../../../server/page/web/common/dom.js';
import { number } from '../../../server/page/web/common/locale.js';

/** An element with these children. */
export function make(tag, className = '', ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A button that says what it does, with an icon if it has a name. */
export function button(className, label, iconName, whenClicked) {
  const made = make('button', className, iconName && icon(iconName), make('span', '', label));
  made.type = 'button';
  made.addEventListener('click', whenClicked);
  return made;
}

/** Changes a text only if it is another one, so that screen readers say only what is new. */
export function setText(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** Shows or hides an element. */
export function setShown(where, isShown) {
  where.hidden = !isShown;
}

/** Keeps the options of a select as these [value, label] pairs. The chosen one stays unless it is gone. */
export function setOptions(select, options, chosen = select.value) {
  const now = JSON.stringify(options);
  if (select.dataset.options !== now) {
    select.dataset.options = now;
    select.replaceChildren(
      ...options.map(([value, label]) => {
        const option = make('option', '', label);
        option.value = value;
        return option;
      }),
    );
  }
  if (document.activeElement !== select || select.value !== chosen) select.value = chosen;
}

/** A text as nodes. What it is filled with may come from strangers, in any direction of writing. */
export function filled(text, values) {
  return text.split(/(\{\w+\})/).map((part) => {
    const value = values[part.slice(1, -1)];
    if (!part.startsWith('{') || value === undefined) return part;
    return typeof value === 'number' ? number.format(value) : make('bdi', '', value);
  });
}
