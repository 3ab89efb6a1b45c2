// Nothing that bpmn-js can say stays English: every literal of the packages is in the dictionary, and nothing else is.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import dictionary from '../src/studio/i18n/dictionary.js';
import { translate } from '../src/studio/i18n/translate.js';

const packages = new URL('../node_modules/', import.meta.url);
const SCANNED = ['bpmn-js/lib/', 'diagram-js/lib/', 'diagram-js-direct-editing/lib/', 'diagram-js-minimap/dist/index.esm.js'];
// texts that a package puts together: what stands in its source, and what can follow
const COMPOSED = { 'Align elements ': ['left', 'center', 'right', 'top', 'middle', 'bottom'] };
const OTHER = new Set(['HELLO {you}']); // an example in a comment

function files(url) {
  if (statSync(url).isFile()) return [url];
  return readdirSync(url, { withFileTypes: true }).flatMap((entry) => files(new URL(entry.name + (entry.isDirectory() ? '/' : ''), url)))
    .filter((file) => file.pathname.endsWith('.js'));
}

function spoken() {
  const found = new Map();
  const add = (text, file) => {
    if (!/[A-Za-z]{2}/.test(text) || OTHER.has(text)) return;
    for (const end of COMPOSED[text] ?? ['']) found.set(text + end, file.pathname);
  };
  for (const file of SCANNED.flatMap((path) => files(new URL(path, packages)))) {
    const source = readFileSync(file, 'utf8');
    for (const [, , text] of source.matchAll(/translate\(\s*(['"])((?:\\.|(?!\1).)*)\1/g)) {
      if (!/^\s*\+|\+\s*$/.test(text)) add(text, file);
    }
    for (const [, , text] of source.matchAll(/_ERR_MSG = (['"])(.*)\1/g)) add(text, file);
    if (/PopupEntries|ReplaceOptions/.test(file.pathname)) {
      for (const [, , text] of source.matchAll(/\blabel:\s*(['"])((?:\\.|(?!\1).)*)\1/g)) add(text, file);
    }
  }
  return found;
}

test('every text of the packages is translated', () => {
  const texts = spoken();
  assert.ok(texts.size > 100, 'the scan found too little');
  const missing = [...texts].filter(([text]) => !Object.hasOwn(dictionary, text)).map(([text, file]) => `${text} (${file})`);
  assert.deepEqual(missing, []);
});

test('the dictionary holds nothing that is no longer said', () => {
  const texts = spoken();
  assert.deepEqual(Object.keys(dictionary).filter((text) => !texts.has(text)), []);
});

test('translations are Chinese', () => {
  for (const [text, chinese] of Object.entries(dictionary)) {
    assert.match(chinese, /[\u4e00-\u9fff]/, text);
    assert.doesNotMatch(chinese.replace(/\{\w+\}/g, ''), /[A-Za-z]/, text);
  }
});

test('names are put into a translation', () => {
  assert.equal(translate('Open {element}', { element: '听证' }), '打开听证');
});

test('what is not known is reported', (context) => {
  const warned = context.mock.method(console, 'warn', () => {});
  assert.equal(translate('Brand new text'), 'Brand new text');
  assert.equal(warned.mock.calls[0].arguments[0], 'untranslated: Brand new text');
});
