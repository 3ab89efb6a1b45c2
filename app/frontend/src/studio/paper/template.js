// A template while it is edited: values in, values out. A state is { head, blocks: [{ id, raw }] }.
import { fresh, same } from './kinds.js';
import { written } from './yaml.js';

const ORDER = ['code', 'name', 'title', 'type', 'house', 'seal', 'copies', 'basis', 'page_signatures', 'required', 'let', 'blocks'];
let counter = 0;
const nextId = () => `b${(counter += 1)}`;

export function open(raw) {
  const { blocks, ...head } = raw;
  return { head, blocks: (Array.isArray(blocks) ? blocks : []).map((block) => ({ id: nextId(), raw: block })) };
}

export function rawOf({ head, blocks }) {
  const whole = { ...head, blocks: blocks.map(({ raw }) => raw) };
  const known = ORDER.filter((name) => name in whole);
  return Object.fromEntries([...known, ...Object.keys(whole).filter((name) => !ORDER.includes(name))].map((name) => [name, whole[name]]));
}

export const textOf = (state) => written(rawOf(state));
export const indexOf = (state, id) => state.blocks.findIndex((block) => block.id === id);

/** Whether a block is a statutory clause of the shipped template: to be read only. */
export const isFixed = (raw, locked) => raw?.lock === true && locked.some((clause) => same(clause, raw));

export function add(state, kind, after = state.blocks.length - 1) {
  const block = { id: nextId(), raw: fresh(kind) };
  return { state: { ...state, blocks: state.blocks.toSpliced(after + 1, 0, block) }, id: block.id };
}

export function duplicate(state, id) {
  const index = indexOf(state, id);
  const { lock: _, ...raw } = structuredClone(state.blocks[index].raw);
  const copy = { id: nextId(), raw };
  return { state: { ...state, blocks: state.blocks.toSpliced(index + 1, 0, copy) }, id: copy.id };
}

export const set = (state, id, raw) => ({ ...state, blocks: state.blocks.map((block) => (block.id === id ? { id, raw } : block)) });
export const remove = (state, id) => ({ ...state, blocks: state.blocks.filter((block) => block.id !== id) });

/** Move a block before the place `to` of the list as it stands; statutory clauses keep their order among themselves. */
export function move(state, id, to, locked = []) {
  const from = indexOf(state, id);
  if (to === from || to === from + 1 || to < 0 || to > state.blocks.length) return state;
  const rest = state.blocks.toSpliced(from, 1);
  const moved = { ...state, blocks: rest.toSpliced(to > from ? to - 1 : to, 0, state.blocks[from]) };
  const clauses = ({ blocks }) => blocks.filter(({ raw }) => isFixed(raw, locked)).map((block) => block.id);
  return same(clauses(state), clauses(moved)) ? moved : state;
}

export const step = (state, id, by, locked) => move(state, id, indexOf(state, id) + (by < 0 ? -1 : 2), locked);

export function setHead(state, name, value) {
  const { [name]: _, ...rest } = state.head;
  const head = value === undefined ? rest : name in state.head ? Object.fromEntries(Object.entries(state.head).map(([key, old]) => [key, key === name ? value : old])) : { ...state.head, [name]: value };
  return { ...state, head };
}

/** A value in nested data replaced, along a dotted path; the way there is made where it is missing. */
export function setAt(data, path, value) {
  const [first, ...rest] = path.split('.');
  const base = data && typeof data === 'object' ? data : {};
  return { ...base, [first]: rest.length ? setAt(base[first], rest.join('.'), value) : value };
}

export const getAt = (data, path) => path.split('.').reduce((here, name) => here?.[name], data);
