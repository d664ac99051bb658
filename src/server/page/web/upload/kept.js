// What this browser keeps, if there is room and the visitor lets it.

/** A value that it keeps. */
export function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a value. */
export function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A reload will not know it.
  }
}
