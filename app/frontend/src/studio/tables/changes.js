// Every change of a table, as a function of its model: nothing is changed in place, so that it can be undone.
import { newId } from './dmn.js';

const blank = (text = '-') => ({ text, node: null });
const without = (list, at) => list.filter((_, place) => place !== at);
const put = (list, at, item) => [...list.slice(0, at), item, ...list.slice(at)];
const replace = (list, at, item) => list.map((each, place) => (place === at ? item : each));
function moved(list, at, to) {
  if (to < 0 || to >= list.length) return list;
  return put(without(list, at), to, list[at]);
}

export const setTitle = (title) => (model) => ({ ...model, title });
export const setBasis = (basis) => (model) => ({ ...model, basis });
export const setPolicy = (policy) => (model) => ({ ...model, policy });

/** `side` is 'cells' or 'results'. */
export const setCell = (row, side, column, text) => (model) => {
  const found = model.rows[row];
  const cells = replace(found[side], column, { ...found[side][column], text });
  return { ...model, rows: replace(model.rows, row, { ...found, [side]: cells }) };
};
export const setNote = (row, note) => (model) => ({ ...model, rows: replace(model.rows, row, { ...model.rows[row], note }) });

export const addRow = (at, { cells, like } = {}) => (model) => {
  const source = like === undefined ? null : model.rows[like];
  const row = {
    id: newId('rule'),
    note: '',
    cells: model.inputs.map((_, place) => blank(cells?.[place] ?? source?.cells[place].text ?? '-')),
    results: model.outputs.map((_, place) => blank(source?.results[place].text ?? '')),
    node: null,
  };
  return { ...model, rows: put(model.rows, at, row) };
};
export const removeRow = (at) => (model) => ({ ...model, rows: without(model.rows, at) });
export const moveRow = (at, step) => (model) => ({ ...model, rows: moved(model.rows, at, at + step) });

export const addInput = (attribute) => (model) => ({
  ...model,
  inputs: [...model.inputs, { id: newId('input'), label: attribute.label, name: attribute.name, kind: attribute.type, allowed: '', whole: false, node: null }],
  rows: model.rows.map((row) => ({ ...row, cells: [...row.cells, blank()] })),
});
export const addOutput = (column) => (model) => ({
  ...model,
  outputs: [...model.outputs, { id: newId('output'), node: null, ...column }],
  rows: model.rows.map((row) => ({ ...row, results: [...row.results, blank('')] })),
});

/** Change a column; an input that asks another attribute asks nothing of it yet. */
export const setColumn = (side, at, column) => (model) => {
  const before = model[side][at];
  const cells = side === 'inputs' ? 'cells' : 'results';
  const fresh = before.kind !== column.kind || (side === 'inputs' && before.name !== column.name);
  const rows = fresh ? model.rows.map((row) => ({ ...row, [cells]: replace(row[cells], at, blank(side === 'inputs' ? '-' : '')) })) : model.rows;
  return { ...model, [side]: replace(model[side], at, { ...before, ...column }), rows };
};
export const removeColumn = (side, at) => (model) => {
  const cells = side === 'inputs' ? 'cells' : 'results';
  return { ...model, [side]: without(model[side], at), rows: model.rows.map((row) => ({ ...row, [cells]: without(row[cells], at) })) };
};
export const moveColumn = (side, at, step) => (model) => {
  const cells = side === 'inputs' ? 'cells' : 'results';
  return { ...model, [side]: moved(model[side], at, at + step), rows: model.rows.map((row) => ({ ...row, [cells]: moved(row[cells], at, at + step) })) };
};
