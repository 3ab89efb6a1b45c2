// The build notices when a package no longer holds what is mended in it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { iconsWithoutStyle, replaceLiterals, styleToAttributes } from '../build/literals.js';
import { LITERALS, STYLED_ICONS } from '../build/package-literals.js';

const STYLE = ['style', '"'].join('=');
const host = { error: (message) => { throw new Error(message); }, environment: { config: { command: 'build' } } };
const table = { 'a/b.js': [["'Back'", "'返回'"]] };

test('a literal is replaced everywhere in its file and nowhere else', () => {
  const plugin = replaceLiterals(table);
  assert.equal(plugin.transform.call(host, "x('Back', 'Back')", '/node_modules/a/b.js?v=1').code, "x('返回', '返回')");
  assert.equal(plugin.transform.call(host, "x('Back')", '/node_modules/other.js'), null);
  plugin.buildEnd.call(host);
});

test('the build fails when a literal or its file is gone', () => {
  assert.throws(() => replaceLiterals(table).transform.call(host, "x('Return')", '/node_modules/a/b.js'), /no longer holds/);
  assert.throws(() => replaceLiterals(table).buildEnd.call(host), /never bundled/);
  assert.throws(() => iconsWithoutStyle(['a/icons.js']).transform.call(host, '<svg/>', '/a/icons.js'), /no style attributes/);
  assert.throws(() => iconsWithoutStyle(['a/icons.js']).buildEnd.call(host), /never bundled/);
});

test('declarations become attributes', () => {
  assert.equal(styleToAttributes(`<line ${STYLE}stroke:red;stroke-width:1;"/>`), '<line stroke="red" stroke-width="1"/>');
});

test('what is mended stands in the installed packages', () => {
  const read = (path) => readFileSync(new URL(`../node_modules/${path}`, import.meta.url), 'utf8');
  for (const [file, pairs] of Object.entries(LITERALS)) for (const [from, to] of pairs) {
    assert.ok(read(file).includes(from), `${file}: ${from}`);
    assert.match(to, /[\u4e00-\u9fff]/);
  }
  for (const file of STYLED_ICONS) assert.ok(read(file).includes(STYLE), file);
});
