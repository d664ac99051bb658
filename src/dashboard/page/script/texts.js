// The texts of the page's language.

/** All of them. */
export const texts = JSON.parse(document.getElementById('texts').textContent);

/** An address of a visitor, if there is one. */
export function shownAddress(address) {
  const isLocal = address === '::1' || address?.startsWith('127.');
  return isLocal ? texts.log.this_computer : address;
}
