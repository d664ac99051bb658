// What the server knows about a picture, a piece of music or a video.

/**
 * What is known, possibly nothing.
 * @returns {Promise<Record<string, any>>}
 */
export async function about(entry, signal) {
  try {
    const response = await fetch(`${entry.url}?about${entry.version}`, { signal });
    if (response.ok && response.headers.get('content-type') === 'application/json')
      return await response.json();
    response.body?.cancel();
  } catch {
    // The file can be seen or heard without.
  }
  return {};
}
