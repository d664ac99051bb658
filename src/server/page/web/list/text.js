// Texts as people search for them, and as URLs have them.

/** In lower case and without accents, which is how people type search terms. */
export function folded(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return text
    .toLocaleLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '');
}

/** Encodes names as the server does, so that both use the same URL for the same file. */
export function encoded(name) {
  const encode = (sign) => '%' + sign.charCodeAt(0).toString(16).toUpperCase();
  return encodeURIComponent(name).replace(/[!'()*]/g, encode);
}
