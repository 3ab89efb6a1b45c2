import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Draft } from '../src/studio/draft.js';

/** A server that keeps texts by path, and by whom each was changed last. */
function server(parts) {
  const state = { revision: 1, parts: { ...parts }, touched: {}, saves: 0, fail: null };
  const write = async (base, changes) => {
    if (state.fail) throw state.fail;
    state.saves += 1;
    const since = Object.keys(state.touched).filter((path) => state.touched[path] > base);
    const conflicts = since.filter((path) => path in changes && state.parts[path] !== changes[path]);
    const news = Object.fromEntries(since.map((path) => [path, state.parts[path] ?? null]));
    if (conflicts.length) {
      const body = { code: 'draft_conflict', conflicts, revision: state.revision, parts: news };
      throw Object.assign(new Error('conflict'), { status: 409, code: body.code, body });
    }
    state.revision += 1;
    for (const [path, text] of Object.entries(changes)) {
      state.parts[path] = text;
      state.touched[path] = state.revision;
      delete news[path];
    }
    return { revision: state.revision, parts: news };
  };
  const open = () => new Draft({ revision: state.revision, parts: state.parts, editable: true, write, wait: 60_000 });
  return { state, open };
}

test('a change is saved, and what another changed elsewhere arrives with the answer', async () => {
  const { state, open } = server({ a: '1', b: '1' });
  const [mine, theirs] = [open(), open()];
  theirs.set('b', '2');
  await theirs.flush();
  const told = [];
  mine.on('change', (change) => told.push(change));
  mine.set('a', '3');
  await mine.flush();
  assert.deepEqual(state.parts, { a: '3', b: '2' });
  assert.equal(mine.text('b'), '2');
  assert.deepEqual(told.map(({ path, by }) => [path, by]), [['a', 'me'], ['b', 'theirs']]);
  assert.equal(mine.state, 'saved');
  assert.equal(mine.unsaved, false);
});

test('in a conflict nothing is overwritten until the person has chosen', async () => {
  const { state, open } = server({ a: '1', b: '1' });
  const [mine, theirs] = [open(), open()];
  theirs.set('a', 'theirs');
  await theirs.flush();
  mine.set('a', 'mine');
  mine.set('b', 'also mine');
  await assert.rejects(mine.flush(), { code: 'draft_conflict' });
  assert.equal(mine.state, 'conflict');
  assert.deepEqual(mine.conflict.paths, ['a']);
  assert.equal(state.parts.a, 'theirs');
  assert.equal(mine.text('a'), 'mine');
  await mine.choose({ a: true });
  assert.deepEqual(state.parts, { a: 'mine', b: 'also mine' });
});

test('choosing the other text takes it over and still saves the rest', async () => {
  const { state, open } = server({ a: '1', b: '1' });
  const [mine, theirs] = [open(), open()];
  theirs.set('a', 'theirs');
  await theirs.flush();
  mine.set('a', 'mine');
  mine.set('b', 'also mine');
  await assert.rejects(mine.flush());
  await mine.choose({ a: false });
  assert.deepEqual(state.parts, { a: 'theirs', b: 'also mine' });
  assert.equal(mine.text('a'), 'theirs');
});

test('what could not be sent is kept and goes with the next save', async () => {
  const { state, open } = server({ a: '1' });
  const draft = open();
  state.fail = Object.assign(new Error('gone'), { status: 503 });
  draft.set('a', '2');
  await assert.rejects(draft.flush());
  assert.equal(draft.state, 'offline');
  assert.equal(draft.unsaved, true);
  state.fail = null;
  draft.set('b', '3');
  await draft.flush();
  assert.deepEqual(state.parts, { a: '2', b: '3' });
});

test('what is written while a save is under way is saved after it', async () => {
  const { state, open } = server({ a: '1' });
  const draft = open();
  draft.set('a', '2');
  const first = draft.flush();
  draft.set('a', '3');
  await first;
  await draft.flush();
  assert.equal(state.parts.a, '3');
  assert.equal(draft.unsaved, false);
});

test('a draft that takes no changes takes none', () => {
  const draft = new Draft({ revision: 1, parts: { a: '1' }, editable: false, write: null });
  draft.set('a', '2');
  assert.equal(draft.text('a'), '1');
  assert.equal(draft.state, 'readonly');
});
