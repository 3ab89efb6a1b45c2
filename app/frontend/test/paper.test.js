import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { flat, grouped } from '../src/studio/values.js';
import { expressionOf, inWords, parse, rowsOf } from '../src/studio/paper/expressions.js';
import { Names } from '../src/studio/paper/names.js';
import { closed, kindOf, opened, summary } from '../src/studio/paper/kinds.js';
import { formatOf, piece, rewritten, split, valueParts } from '../src/studio/paper/segments.js';
import { duplicate, getAt, isFixed, move, open, rawOf, setAt, step } from '../src/studio/paper/template.js';
import { written } from '../src/studio/paper/yaml.js';

const VALUES = {
  party: { label: '当事人', type: 'record', fields: { name: { label: '名称', type: 'text' }, kind: { label: '类型', type: 'choice', options: { person: '自然人' } } } },
  forms: { label: '表单', type: 'record', fields: {
    report: { label: '调查报告', type: 'record', fields: { facts: { label: '违法事实', type: 'text' }, evidence: { label: '证据', type: 'list', fields: { name: { label: '证据名称', type: 'text' } } }, fine: { label: '罚款', type: 'money' } } },
    doc: { label: '决定书', type: 'record', fields: { nature: { label: '定性', type: 'text' } } },
  } },
  history: { label: '办理记录', type: 'list', fields: { at: { label: '办理时间', type: 'moment' }, data: { label: '内容', type: 'any', open: true } } },
  today: { label: '今天', type: 'date' },
};

test('a text is split into words, values and marks, and joined again', () => {
  const text = '{{ party.name }}：{% if x %}甲{% else %}乙{{ a|cn_date }}{% endif %}完';
  const pieces = split(text);
  assert.deepEqual(pieces.map(({ kind }) => kind), ['value', 'words', 'tag', 'words', 'tag', 'words', 'value', 'tag', 'words']);
  assert.equal(pieces.map(({ raw }) => raw).join(''), text);
  assert.deepEqual([pieces[2].name, pieces[2].expression], ['if', 'x']);
  assert.deepEqual(valueParts("a.b|default('')|cn_date"), { path: 'a.b', filters: "|default('')|cn_date" });
  assert.equal(valueParts("'☑' if x else '☐'"), null);
});

test('conditions are read into rows and written as they were', () => {
  for (const source of [
    "party.kind == 'person'", 'fine > 0 or confiscated > 0', "'警告' in decide.kinds", "'甲' not in a.b and c.d", 'notice is defined',
    'x is not defined', "report.to_publish in ['yes', true]", "not x.y|default('')", 'a >= 3.5 and b != false', "a == 'it\\'s'",
  ]) assert.equal(expressionOf(rowsOf(source)), source, source);
  assert.deepEqual(rowsOf(''), { mode: 'and', rows: [] });
  assert.equal(rowsOf('a and (b or c)'), null);
  assert.ok(parse('a and (b or c)'));
  for (const source of ['a + b > 2', 'documents|of_code(1)', "a == b", 'a and', "x['y']"]) assert.equal(parse(source), null, source);
});

test('conditions are said in words', () => {
  const names = new Names(VALUES, { r: 'forms.report' });
  const say = (source) => inWords(source, (path) => names.named(path));
  assert.equal(say("party.kind == 'person' and r.fine > 0"), '“类型”是“自然人”，并且“罚款”大于 0');
  assert.equal(say('not r.facts or (today is defined and party.name)'), '“违法事实”没有内容，或者（“今天”已有，并且“名称”有内容）');
  assert.equal(say('a + b'), 'a + b');
});

test('names are followed through short names, choices, picks and repetitions', () => {
  const names = new Names(VALUES, { r: 'forms.report', both: 'forms.doc if forms.doc is defined else forms.report', last: "history|of_form('x')", n: 'fine|default(0)' });
  assert.equal(names.at('r.facts').label, '违法事实');
  assert.equal(names.at('both.facts').label, '违法事实');
  assert.equal(names.at('both.nature').label, '定性');
  assert.equal(names.at('last.at').type, 'moment');
  assert.equal(names.with('e', 'r.evidence').at('e.name').label, '证据名称');
  assert.equal(names.with('e', 'r.evidence').at('loop.index').label, '序号');
  assert.equal(names.at('r.nothing'), null);
  assert.deepEqual(['r.nothing', 'party.name', 'last.data.anything', 'nobody'].map((path) => names.isKnown(path)), [false, true, true, false]);
});

test('a piece that is rewritten keeps what it does with the blanks beside it', () => {
  assert.equal(rewritten(piece('{%- if a -%}'), 'b.c > 1'), '{%- if b.c > 1 -%}');
  assert.equal(rewritten(piece('{{ a|money }}'), 'b'), '{{ b }}');
  assert.equal(inWords('not yes', () => ({ label: '已缴纳', type: 'boolean' })), '“已缴纳”为“否”');
});

test('a block is edited in one shape and written back as people write it', () => {
  const shapes = [
    ['p', '正文'], ['p', { text: '正文', indent: false }], ['title', '一\n二'], ['kv', [['标签', '内容'], { if: 'x', label: '甲', text: '乙' }]],
    ['ol', ['一', { if: 'x', text: '二' }]], ['ol', { style: 'cn', items: ['一'] }], ['qa', [{ q: '问', a: '答' }]],
    ['form_table', { widths: [1], rows: [[{ label: 'x' }], { height: 3, cells: [{ text: 'y' }] }] }],
    ['table', { head: ['a'], widths: [1], each: 'x.y', as: 'e', cells: ['{{ e.z }}'] }], ['sign', { agency: 'a', date: 'b', seal: true }],
    ['signatures', { statement: 's', lines: [{ role: 'r' }] }],
  ];
  for (const [kind, value] of shapes) assert.deepEqual(closed(kind, opened(kind, value)), value, kind);
  assert.deepEqual(closed('kv', opened('kv', { each: 'x', as: 'y', label: 'a', text: 'b' })), [{ each: 'x', as: 'y', label: 'a', text: 'b' }]);
  assert.equal(kindOf({ p: 'x', if: 'y', lock: true }), 'p');
  assert.equal(kindOf({ p: 'x', h: 'y' }), '');
  assert.equal(summary({ p: '甲{{ party.name }}{% if x %}乙{% endif %}' }), '甲□乙');
});

test('statutory clauses keep their place among themselves, everything else moves', () => {
  const clause = (p) => ({ p, lock: true });
  const locked = [clause('一'), clause('二')];
  const state = open({ code: 'X', blocks: [{ p: '前' }, clause('一'), { p: '中' }, clause('二')] });
  const texts = ({ blocks }) => blocks.map(({ raw }) => raw.p).join('');
  const id = (p) => state.blocks.find(({ raw }) => raw.p === p).id;
  assert.equal(texts(step(state, id('中'), 1, locked)), '前一二中');
  assert.equal(texts(step(state, id('一'), 1, locked)), '前中一二');
  assert.equal(move(state, id('一'), 4, locked), state);
  assert.equal(step(state, id('前'), -1, locked), state);
  assert.ok(isFixed({ lock: true, p: '一' }, locked));
  assert.ok(!isFixed({ p: '一' }, locked));
  assert.deepEqual(rawOf(state).blocks.length, 4);
  const copy = duplicate(state, id('一'));
  assert.ok(!('lock' in copy.state.blocks[2].raw));
});

test('a value deep in the sample is replaced and leaves the rest alone', () => {
  const data = { party: { name: 'a', kind: 'b' }, forms: {} };
  assert.deepEqual(setAt(data, 'party.name', 'c'), { party: { name: 'c', kind: 'b' }, forms: {} });
  assert.deepEqual(setAt(data, 'forms.report.facts', 'd').forms, { report: { facts: 'd' } });
  assert.equal(getAt(data, 'party.kind'), 'b');
  assert.equal(getAt(data, 'a.b.c'), undefined);
  assert.deepEqual(data, { party: { name: 'a', kind: 'b' }, forms: {} });
});

test('values are offered by form, with the format they are written in', () => {
  const offered = flat(VALUES);
  assert.deepEqual(grouped(offered)[1], ['调查报告', [['forms.report.facts', '违法事实'], ['forms.report.evidence', '证据'], ['forms.report.fine', '罚款']]]);
  assert.equal(formatOf({ type: 'money' }), '|money');
  assert.equal(formatOf({ type: 'list', fields: { law: {}, article: {} } }), '|law_ref');
});

// tests/studio/test_papers.py reads the same file with the server's own reader
const asset = (name) => readFileSync(new URL(`../../../tests/studio/assets/${name}`, import.meta.url), 'utf8');

test('a template is written as YAML that the server reads as it was', () => {
  assert.equal(written(JSON.parse(asset('written.json'))), asset('written.yaml'));
});
