// The translate service of bpmn-js. What it does not know is reported on the console, where the tests look.
import dictionary from './dictionary.js';

const reported = new Set();

/** A text of bpmn-js in Chinese, with `{name}` replaced. */
export function translate(template, replacements = {}) {
  const known = Object.hasOwn(dictionary, template);
  if (!known && /[A-Za-z]{2}/.test(template) && !reported.has(template)) {
    reported.add(template);
    console.warn(`untranslated: ${template}`);
  }
  const text = known ? dictionary[template] : template;
  return text.replace(/\{([^{}]+)\}/g, (whole, name) => replacements[name] ?? whole);
}

/** A module for bpmn-js. */
export const translating = { translate: ['value', translate] };
