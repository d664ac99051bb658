// Texts that say how many.

import { fill } from './dom.js';
import { locales, number } from './locale.js';

const plural = new Intl.PluralRules(locales);

/**
 * The text for a number, in the plural form that the language wants.
 * @param {Record<string, string>} forms
 * @param {number} count
 */
export function counted(forms, count) {
  return fill(forms[plural.select(count)] ?? forms.other, { n: number.format(count) });
}
