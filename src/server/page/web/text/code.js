// Code in Markdown: coloured by the language that it says, and with a button that copies it.

import { element } from '../common/dom.js';
import { texts } from '../list/page.js';
import { coloured } from './colours.js';
import { copyText } from './copy.js';

// Longer code, in characters, is not coloured.
const MOST_COLOURED = 100000;

// The extensions of languages that are named otherwise.
const EXTENSIONS = new Map(
  `python=py py3=py ipython=py shell=sh console=sh shellsession=sh ruby=rb perl=pl julia=jl rust=rs haskell=hs ocaml=ml
  pascal=pas erlang=erl elixir=ex powershell=ps1 docker=sh dockerfile=sh makefile=mk terraform=tf clojure=clj
  emacs-lisp=el common-lisp=lisp assembly=asm markup=html c++=cpp c#=cs`
    .split(/\s+/)
    .map((pair) => /** @type {[string, string]} */ (pair.split('='))),
);
const PLAIN = /^(text|txt|plain|plaintext|none|output)$/;

/** Colours the code in an element, as far as it says its language. */
export function colourCode(prose) {
  for (const code of prose.querySelectorAll('pre > code')) {
    const text = code.textContent;
    const [, language = 'text'] = /language-(\S+)/.exec(code.className) ?? [];
    if (!PLAIN.test(language) && text.length <= MOST_COLOURED) {
      const rows = coloured(text.split('\n'), `.${EXTENSIONS.get(language) ?? language}`);
      const parts = rows.flatMap((row, index) => [...(index ? ['\n'] : []), ...(row === '\n' ? [] : row)]);
      code.replaceChildren(...parts);
    }
    if (!code.closest('.output')) addCopy(code.parentNode, text);
  }
}

function addCopy(block, text) {
  const button = element('button', 'copy', texts.copy);
  button.type = 'button';
  button.addEventListener('click', async () => {
    button.textContent = (await copyText(text)) ? texts.copied : texts.not_copied;
    setTimeout(() => (button.textContent = texts.copy), 2000);
  });
  const around = element('div', 'code-block');
  block.before(around);
  around.append(block, button);
}
