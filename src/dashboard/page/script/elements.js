// Making and changing elements. Whatever is shown goes into them as text.

const at = (id) => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';

function element(tag, className = '', ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function icon(name, className = '') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('aria-hidden', 'true');
  if (className) svg.setAttribute('class', className);
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
}

function button(className, label, iconName, whenClicked) {
  const made = element('button', className, iconName && icon(iconName), element('span', '', label));
  made.type = 'button';
  made.addEventListener('click', whenClicked);
  return made;
}

// Changes a text only if it is another one, so that screen readers say only what is new.
function setText(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

function setShown(where, isShown) {
  where.hidden = !isShown;
}

// Keeps the options of a select as these [value, label] pairs. The chosen one stays unless it is gone.
function setOptions(select, options, chosen = select.value) {
  const now = JSON.stringify(options);
  if (select.dataset.options !== now) {
    select.dataset.options = now;
    select.replaceChildren(
      ...options.map(([value, label]) => {
        const option = element('option', '', label);
        option.value = value;
        return option;
      }),
    );
  }
  if (document.activeElement !== select || select.value !== chosen) select.value = chosen;
}

// Says something to people who don't see the page.
function say(text) {
  at('said').textContent = '';
  setTimeout(() => {
    at('said').textContent = text;
  }, 50);
}

const NOTICES = 3;
const NOTICE_MS = 15_000;

// Shows a message at the edge of the page, until it is closed or has been there for a while.
function notify(title, body = '', language = lang) {
  const text = element('div', '', element('strong', '', title), body && element('p', '', body));
  text.lang = language;
  text.dir = 'auto';
  const item = element('li', '', text);
  const close = button('bare', '', 'close', () => item.remove());
  close.setAttribute('aria-label', texts.close);
  item.append(close);
  const all = at('notices');
  all.append(item);
  while (all.children.length > NOTICES) all.firstChild.remove();
  say(`${title} ${body}`);
  const leave = () => {
    if (item.matches(':hover, :focus-within')) setTimeout(leave, NOTICE_MS);
    else item.remove();
  };
  setTimeout(leave, NOTICE_MS);
}
