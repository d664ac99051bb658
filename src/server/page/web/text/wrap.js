// Whether long lines are wrapped: what the visitor chose last.

const KEY = 'viewer:wrap';

let chosen = true;
try {
  chosen = localStorage.getItem(KEY) !== 'no';
} catch {
  // Then it is remembered until the page is left.
}

export const wraps = () => chosen;

export function rememberWrap(value) {
  chosen = value;
  try {
    localStorage.setItem(KEY, value ? 'yes' : 'no');
  } catch {
    // As above.
  }
}
