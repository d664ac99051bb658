// Highlights source code: comments, strings, numbers and keywords.
//
// Languages are grouped into families by the syntax of their comments and strings. That is simple,
// and right nearly everywhere. The text is scanned once, from start to end.

import { element } from '../common/dom.js';

const WORDS = new Set(
  `abstract and as assert async await begin bool boolean break byte case catch
  char class const continue crate def default defer delete die do double dyn elif else elseif end
  enum esac except export extends extern false fi final finally float fn for foreach from func
  function global go goto if impl implements import in include inline instanceof int interface is
  lambda let local long loop macro match mod module move mut mutable namespace native new nil none
  nonlocal not null nullptr object of operator or override package pass private protected pub
  public raise ref return self short signed sizeof static string struct super switch synchronized
  then this throw throws trait true try type typedef typeof undefined union unless unsafe unsigned
  until use using val var virtual void volatile when where while with yield select insert update
  create table values join left right inner outer on group order by having limit set into drop
  alter primary key foreign references distinct`.split(/\s+/),
);

const TEXT = String.raw`"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?`;
const LONG = String.raw`"(?:\\[^]|[^"\\])*"?`;
const SLASHES = String.raw`//.*|/\*[^]*?(?:\*/|$)`;

// The tokens of a family: comments, strings, numbers, words.
const family = (comment, text = TEXT) =>
  new RegExp(String.raw`(?<c>${comment})|(?<s>${text})|(?<n>\b\d[\w.]*)|(?<w>[A-Za-z_$][\w$]*!?)`, 'g');
/** @type {[string, RegExp][]} */
const FAMILIES = [
  // A quote may also start a lifetime.
  ['rs', family(SLASHES, LONG + String.raw`|'(?:\\[^'\n]*|[^'\\\n])'`)],
  [
    'html htm xhtml xml xsl svg vue svelte',
    /(?<c><![-]{2}[^]*?(?:-->|$))|(?<k><[/!?]?[\w:.-]+|[/?]?>)|(?<s>(?<==)(?:"[^"<]*"?|'[^'<]*'?))|(?<t>[\w:.-]+(?==["']))/g,
  ],
  ['css scss sass less', family(String.raw`/\*[^]*?(?:\*/|$)`)],
  ['sql lua hs', family(String.raw`--\[\[[^]*?(?:\]\]|$)|--.*|/\*[^]*?(?:\*/|$)`)],
  ['lisp el clj asm s', family(';.*', LONG)],
  ['py', family('#.*', String.raw`"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|` + TEXT)],
  [
    'sh bash zsh fish rb pl pm r jl yml yaml toml ini cfg conf properties lock ps1 ex exs nim cmake tf nix mk graphql',
    family(String.raw`(?<![\w$&{"'#])#.*`),
  ],
  ['ml pas', family(String.raw`\(\*[^]*?(?:\*\)|$)|//.*`)],
  ['diff patch', /(?<s>^\+.*)|(?<d>^-.*)|(?<k>^@@.*)/gm],
  ['erl', family('%.*')],
  ['', family(SLASHES, String.raw`\x60(?:\\[^]|[^\x60\\])*\x60?|` + TEXT)],
];

/** Lines of source code, each a list of strings and elements. */
export function coloured(lines, name) {
  const extension = /\.(\w+)$/.exec(name.toLowerCase())?.[1] ?? 'sh';
  const [, pattern] = FAMILIES.find(([known]) => known.split(' ').includes(extension)) ?? FAMILIES.at(-1);
  const rows = [[]];
  const put = (text, colour) =>
    text.split('\n').forEach((part, index) => {
      if (index) rows.push([]);
      if (part) rows.at(-1).push(colour ? element('i', colour, part) : part);
    });
  const text = lines.join('\n');
  let end = 0;
  for (const { 0: word, index, groups } of text.matchAll(pattern)) {
    const next = index + word.length;
    const kind = Object.keys(groups).find((each) => groups[each] !== undefined);
    const colour = kind === 'w' || kind === 's' ? colourOf(word, kind, text.slice(next, next + 2)) : kind;
    if (!colour) continue;
    put(text.slice(end, index));
    put(word, colour);
    end = next;
  }
  put(text.slice(end));
  return rows.map((row) => (row.length ? row : '\n'));
}

function colourOf(word, kind, next) {
  // A key, as in JSON, YAML or a style sheet.
  if (/^:(?!:)/.test(next)) return 't';
  if (kind === 's') return 's';
  if (WORDS.has(word.toLowerCase())) return 'k';
  if (next[0] === '(' || word.endsWith('!')) return 'f';
  return /^[A-Z]\w*[a-z]/.test(word) ? 't' : '';
}
