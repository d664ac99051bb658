// How much is sent in one request.

const MIB = 1048576;
/** The most, unless the server wants less. */
export const LARGEST = 16 * MIB;

/** Small at first, because nothing is known about the connection. */
export const chunk = { size: 2 * MIB };

/**
 * Chooses the next size after so many bytes took so many seconds: 8 to 16 MiB, which take about ten
 * seconds; less only where even 8 MiB would take longer than 15 s.
 */
export function adapt(bytes, seconds, most = LARGEST) {
  if (bytes < MIB) return;
  const speed = bytes / Math.max(seconds, 0.001);
  const wanted = speed * 15 < 8 * MIB ? speed * 8 : Math.max(speed * 10, 8 * MIB);
  chunk.size = Math.min(Math.max(Math.round(wanted / MIB), 1) * MIB, most);
}

/** Takes less from now on; false if that is not possible. */
export function sendLess() {
  if (chunk.size <= MIB) return false;
  chunk.size /= 2;
  return true;
}
