import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Draft } from '../src/studio/draft.js';
import { stashOf } from '../src/studio/stash.js';

/** A server that keeps texts by path, and by whom each was changed last. */
function server(parts) {
  const state = { revision: 1, parts: { ...parts }, touched: {}, saves: 0, fail: null, kept: [], during: null };
  const write = async (base, changes) => {
    if (state.fail && !state.deaf) throw state.fail;
    state.saves += 1;
    const since = Object.keys(state.touched).filter((path) => state.touched[path] > base);
    const conflicts = since.filter((path) => path in changes && state.parts[path] !== changes[path]);
    const news = Object.fromEntries(since.map((path) => [path, state.parts[path] ?? null]));
    if (conflicts.length) {
      state.kept.push(changes);
      const body = { code: 'draft_conflict', conflicts, revision: state.revision, parts: news };
      throw Object.assign(new Error('conflict'), { status: 409, code: body.code, body });
    }
    state.revision += 1;
    for (const [path, text] of Object.entries(changes)) {
      state.parts[path] = text;
      state.touched[path] = state.revision;
      delete news[path];
    }
    const revision = state.revision;
    await state.during?.();
    if (state.fail) throw state.fail; // carried out, but the answer is lost
    return { revision, parts: news };
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

test('what is written while a save is under way does not overwrite what another wrote meanwhile', async () => {
  const { state, open } = server({ a: '1', b: '1' });
  const [mine, theirs] = [open(), open()];
  theirs.set('b', 'theirs');
  await theirs.flush();
  state.during = async () => { state.during = null; mine.set('b', 'mine'); };
  mine.set('a', '2');
  await assert.rejects(mine.flush(), { code: 'draft_conflict' });
  assert.equal(state.parts.b, 'theirs');
  assert.deepEqual(state.kept, [{ b: 'mine' }]);
  assert.deepEqual(mine.conflict.paths, ['b']);
  assert.equal(mine.text('b'), 'mine');
  await mine.choose({ b: true });
  assert.equal(state.parts.b, 'mine');
});

test('what is drawn but not written down yet is not lost to the text of another', async () => {
  const { state, open } = server({ a: '1', b: '1' });
  const [mine, theirs] = [open(), open()];
  theirs.set('b', 'theirs');
  await theirs.flush();
  let drawn = false;
  mine.gather = async () => { if (drawn) { drawn = false; mine.set('b', 'drawn'); } };
  state.during = async () => { state.during = null; drawn = true; };
  mine.set('a', '2');
  await assert.rejects(mine.flush(), { code: 'draft_conflict' });
  assert.equal(mine.text('b'), 'drawn');
  assert.deepEqual(state.kept, [{ b: 'drawn' }]);
});

test('a save whose answer was lost is no conflict with oneself', async () => {
  const { state, open } = server({ a: '1' });
  const draft = open();
  draft.set('a', '2');
  Object.assign(state, { deaf: true, fail: new TypeError('network') });
  await assert.rejects(draft.flush());
  assert.equal(state.parts.a, '2');
  draft.set('a', '3');
  Object.assign(state, { deaf: false, fail: null });
  await draft.flush();
  assert.equal(state.parts.a, '3');
  assert.equal(draft.unsaved, false);
  assert.deepEqual(state.kept, []);
});

test('what was written while the question stood is kept before the other text takes its place', async () => {
  const { state, open } = server({ a: '1' });
  const [mine, theirs] = [open(), open()];
  theirs.set('a', 'theirs');
  await theirs.flush();
  mine.set('a', 'mine');
  await assert.rejects(mine.flush());
  mine.set('a', 'mine and more');
  await mine.choose({ a: false });
  assert.deepEqual(state.kept, [{ a: 'mine' }, { a: 'mine and more' }]);
  assert.equal(state.parts.a, 'theirs');
});

function storage() {
  const kept = new Map();
  return {
    get length() { return kept.size; },
    key: (n) => [...kept.keys()][n],
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => kept.set(key, text),
    removeItem: (key) => kept.delete(key),
  };
}

test('what a page left unsaved is saved by the next page of the same person', async () => {
  const { state, open } = server({ a: '1', b: '1' });
  const shared = storage();
  const left = open();
  left.set('a', 'left');
  stashOf('7:1', { storage: shared, page: 'one' }).write(left.left);
  assert.deepEqual(stashOf('8:1', { storage: shared, page: 'two' }).others(), []);
  const stash = stashOf('7:1', { storage: shared, page: 'two' });
  const next = open();
  assert.equal(next.recover(stash.others()), 1);
  stash.dropOthers();
  assert.deepEqual(stash.others(), []);
  await next.flush();
  assert.equal(state.parts.a, 'left');
});

test('what was left unsaved meets what another wrote meanwhile as a conflict', async () => {
  const { state, open } = server({ a: '1' });
  const left = open();
  left.set('a', 'left');
  const theirs = open();
  theirs.set('a', 'theirs');
  await theirs.flush();
  const next = open();
  next.recover(left.left);
  await assert.rejects(next.flush(), { code: 'draft_conflict' });
  assert.equal(state.parts.a, 'theirs');
  assert.deepEqual(state.kept, [{ a: 'left' }]);
});

test('a stash that is forbidden, full or broken is an empty one', () => {
  const broken = { length: 1, key: () => 'xq-studio:7:1:x', getItem: () => '{', setItem() { throw new Error('full'); }, removeItem() { throw new Error('no'); } };
  const stash = stashOf('7:1', { storage: broken, page: 'one' });
  assert.equal(stash.write([]), false);
  assert.deepEqual(stash.others(), []);
  stash.dropOthers();
  stash.drop();
});
