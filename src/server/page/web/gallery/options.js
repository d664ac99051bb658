// What one can choose for the gallery: how large tiles are, and whether they show all of a picture.

import { element } from '../common/dom.js';
import { remember } from '../list/address.js';
import { draw } from '../list/blocks.js';
import { texts } from '../list/page.js';
import { list } from '../list/state.js';
import { showLayout } from '../list/toolbar.js';

const SIZES = { small: texts.tiles_small, medium: texts.tiles_medium, large: texts.tiles_large };

/** Shows the choices below a button, which shows and hides them from now on. */
export function makeOptions(button) {
  const panel = element('div', 'options');
  panel.popover = 'auto';
  panel.setAttribute('role', 'group');
  panel.setAttribute('aria-label', texts.tiles);
  const group = element('fieldset');
  const sizes = element('div');
  group.append(element('legend', '', texts.tile_size), sizes);
  const inputs = Object.entries(SIZES).map(([size, text]) => {
    const [label, input] = choice('radio', text);
    Object.assign(input, { name: 'tiles', value: size, checked: size === list.tiles });
    sizes.append(label);
    return input;
  });
  const [whole, isWhole] = choice('checkbox', texts.whole_photos);
  isWhole.checked = list.isWhole;
  panel.append(group, whole);
  panel.addEventListener('change', () => {
    list.tiles = inputs.find(({ checked }) => checked).value;
    list.isWhole = isWhole.checked;
    showLayout();
    draw();
    remember();
  });
  panel.addEventListener('toggle', () => putBelow(panel, button));
  button.after(panel);
  button.popoverTargetElement = panel;
  panel.showPopover();
  putBelow(panel, button);
}

function choice(type, text) {
  const label = element('label');
  const input = element('input');
  input.type = type;
  label.append(input, element('span', '', text));
  return [label, input];
}

// Where the button ends, so that it fits on the screen.
function putBelow(panel, button) {
  const { bottom, left, right } = button.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  panel.style.insetBlockStart = `${bottom + window.scrollY + 6}px`;
  panel.style.insetInlineEnd = `${document.dir === 'rtl' ? left : width - right}px`;
}
