// How the visitor writes numbers and dates.

const { lang } = document.documentElement;

/**
 * The browser's languages that go with the page's own, which may know the country as well.
 * Some browsers name languages that don't exist, such as `C`.
 * @type {string[]}
 */
export const locales = [...navigator.languages.filter(isOfPage), lang];

export const number = new Intl.NumberFormat(locales);

function isOfPage(language) {
  try {
    return Intl.getCanonicalLocales(language)[0].split('-')[0] === lang.split('-')[0];
  } catch {
    return false;
  }
}
