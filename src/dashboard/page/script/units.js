// How long something takes, in units.

const TIMES = [
  ['day', 1440],
  ['hour', 60],
  ['minute', 1],
];

/** The one or two largest units of a time, in full minutes: `[['hour', 1], ['minute', 5]]`. */
export function unitsOf(seconds) {
  let rest = Math.max(1, Math.ceil(seconds / 60));
  const first = TIMES.findIndex(([, size]) => rest >= size);
  const units = TIMES.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return [unit, count];
  });
  return units.filter(([, count]) => count);
}

const CHOICES = [
  ['week', 604800],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];

/** A time to choose in a whole unit: `['hour', 8]`. */
export function wholeUnit(seconds) {
  const [unit, size] = CHOICES.find(([, size]) => seconds % size === 0) ?? ['minute', 60];
  return [unit, Math.ceil(seconds / size)];
}
