// What those who send tell those who show it. The page gives it its functions when it starts.

export const display = {
  /** A file has changed. */
  changed: (_item) => {},
  /** Something else has. */
  drawSoon: () => {},
  /** All has arrived. */
  thank: (_files) => {},
};
