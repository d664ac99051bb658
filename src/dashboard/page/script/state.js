// What Spot Serve has told.

/** What is shown, by its name: `share/1`, `order`, `general` and so on. */
export const parts = new Map();
// The time on the clock of Spot Serve, less that of this page, in seconds.
let clockAhead = 0;
/** The time on the clock of Spot Serve, in seconds. */
export const clock = () => performance.now() / 1000 + clockAhead;

/** Takes what is new. */
export function take({ now, set, gone }) {
  clockAhead = now - performance.now() / 1000;
  for (const [name, part] of Object.entries(set)) parts.set(name, part);
  for (const name of gone) parts.delete(name);
}
