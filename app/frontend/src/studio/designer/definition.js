// A form definition while it is edited: values in, values out. A state is { head, items: [{ id, raw }] }; `id` is the
// page's own name of an item and never leaves it. The server has the last word on what is sound (app/forms/reading.py).
import { fresh, isKeyed } from './types.js';

let counter = 0;
const nextId = () => `i${(counter += 1)}`;

/** The state of a definition; null where the text is none. */
export function open(text) {
  let raw;
  try {
    raw = JSON.parse(text);
  } catch {
    return null;
  }
  if (!raw || typeof raw !== 'object' || Array.isArray(raw)) return null;
  const { items, ...head } = raw;
  const listed = (Array.isArray(items) ? items : []).filter((item) => item && typeof item === 'object' && !Array.isArray(item));
  return { head, items: listed.map((item) => ({ id: nextId(), raw: item })) };
}

/** The definition, its parts in the order in which people read it. */
export function definitionOf({ head, items }) {
  const { key, title, version, ...rest } = head;
  return { key, title, version, items: items.map(({ raw }) => raw), ...rest };
}

export const textOf = (state) => `${JSON.stringify(definitionOf(state), null, 2)}\n`;
export const indexOf = (state, id) => state.items.findIndex((item) => item.id === id);
export const find = (state, id) => state.items.find((item) => item.id === id) ?? null;
export const keysOf = (state) => state.items.map(({ raw }) => raw.key).filter(Boolean);

function freeKey(taken, wanted) {
  if (!taken.includes(wanted)) return wanted;
  const stem = wanted.replace(/_\d+$/, '').slice(0, 35);
  for (let n = 2; ; n += 1) if (!taken.includes(`${stem}_${n}`)) return `${stem}_${n}`;
}

const withItems = (state, items) => ({ ...state, items });

/** Put a new item of a type before the one at `index` (the end, where there is none). */
export function add(state, type, index = state.items.length) {
  const id = nextId();
  const item = { id, raw: fresh(type, isKeyed(type) ? freeKey(keysOf(state), `${type}_1`) : '') };
  return { state: withItems(state, state.items.toSpliced(index, 0, item)), id };
}

/** The items a heading holds together with itself; an item without one is its own group. */
export function groupAt(state, index) {
  if (state.items[index]?.raw.type !== 'section') return [index, index + 1];
  let end = index + 1;
  while (end < state.items.length && state.items[end].raw.type !== 'section') end += 1;
  return [index, end];
}

/** Move an item, a heading with its whole group, before the place `to` of the list as it stands. */
export function move(state, id, to) {
  const [from, end] = groupAt(state, indexOf(state, id));
  if (to >= from && to <= end) return state;
  const block = state.items.slice(from, end);
  const rest = state.items.toSpliced(from, end - from);
  return withItems(state, rest.toSpliced(to > from ? to - block.length : to, 0, ...block));
}

/** One place up (-1) or down (1); a heading steps over the whole group beside it. */
export function step(state, id, by) {
  const index = indexOf(state, id);
  const [from, end] = groupAt(state, index);
  if (state.items[index].raw.type !== 'section') {
    const to = by < 0 ? index - 1 : index + 2;
    return to < 0 || to > state.items.length ? state : move(state, id, to);
  }
  if (by > 0) return end >= state.items.length ? state : move(state, id, groupAt(state, end)[1]);
  let to = from - 1;
  while (to > 0 && state.items[to].raw.type !== 'section') to -= 1;
  return to < 0 ? state : move(state, id, to);
}

export function duplicate(state, id) {
  const index = indexOf(state, id);
  const raw = structuredClone(state.items[index].raw);
  if (raw.key) raw.key = freeKey(keysOf(state), `${raw.key}`.slice(0, 36));
  const copy = { id: nextId(), raw };
  return { state: withItems(state, state.items.toSpliced(index + 1, 0, copy)), id: copy.id };
}

/** Take an item away, with what the form says of it elsewhere but in conditions: those the server names. */
export function remove(state, id) {
  const { key } = find(state, id).raw;
  const left = withItems(state, state.items.filter((item) => item.id !== id));
  return key && !keysOf(left).includes(key) ? { ...left, head: renamedHead(left.head, key, null) } : left;
}

/** Set an attribute of an item; undefined takes it away. */
export function set(state, id, name, value) {
  return withItems(state, state.items.map((item) => (item.id === id ? { id, raw: withValue(item.raw, name, value) } : item)));
}

export function setHead(state, name, value) {
  return { ...state, head: withValue(state.head, name, value) };
}

/** An object with a value; without it where the value is undefined. */
export function withValue(object, name, value) {
  const { [name]: _, ...rest } = object;
  if (value === undefined) return rest;
  return name in object ? Object.fromEntries(Object.entries(object).map(([key, old]) => [key, key === name ? value : old])) : { ...object, [name]: value };
}

/** Give an item another key, everywhere in the form. */
export function rename(state, id, key) {
  const old = find(state, id).raw.key;
  const renamed = set(state, id, 'key', key);
  if (!old || old === key || keysOf(renamed).includes(old)) return renamed;
  const items = renamed.items.map((item) => {
    let { raw } = item;
    for (const name of ['visibleWhen', 'requiredWhen']) if (raw[name]) raw = { ...raw, [name]: renamedTree(raw[name], old, key) };
    return raw === item.raw ? item : { ...item, raw };
  });
  return { head: renamedHead(renamed.head, old, key), items };
}

function renamedHead(head, old, key) {
  const changed = { ...head };
  if (head.prefill) changed.prefill = renamedNames(head.prefill, old, key);
  if (Array.isArray(head.rights)) {
    changed.rights = head.rights
      .map((entry) => (entry?.fields ? { ...entry, fields: renamedNames(entry.fields, old, key) } : entry))
      .filter((entry) => !entry?.fields || Object.keys(entry.fields).length);
  }
  if (head.writes) {
    changed.writes = Object.fromEntries(Object.entries(head.writes)
      .filter(([, source]) => key !== null || source?.field?.split('.')[0] !== old)
      .map(([name, source]) => [name, key === null ? source : renamedTree(source, old, key)]));
  }
  for (const name of ['prefill', 'rights', 'writes']) {
    if (changed[name] && !Object.keys(changed[name]).length) delete changed[name];
  }
  return changed;
}

function renamedNames(names, old, key) {
  return Object.fromEntries(Object.entries(names).filter(([name]) => key !== null || name !== old).map(([name, value]) => [name === old ? key : name, value]));
}

function renamedTree(tree, old, key) {
  if (Array.isArray(tree)) return tree.map((part) => renamedTree(part, old, key));
  if (!tree || typeof tree !== 'object') return tree;
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => {
    if (name !== 'field' || typeof value !== 'string') return [name, name === 'value' ? value : renamedTree(value, old, key)];
    const [first, ...rest] = value.split('.');
    return [name, first === old ? [key, ...rest].join('.') : value];
  }));
}

// ---------------------------------------------------------------- rights

/** What a step may do with a field: { node, step } as the diagram has them. The node's own entry goes first. */
export function rightOf(state, { node, step: tag }, key) {
  const entries = Array.isArray(state.head.rights) ? state.head.rights : [];
  const own = entries.find((entry) => entry?.node === node)?.fields?.[key];
  return own ?? (tag ? entries.find((entry) => entry?.step === tag)?.fields?.[key] : undefined) ?? 'write';
}

/** Set it, under the step where that names this node alone, else under the node. */
export function setRight(state, place, key, right, alone) {
  const name = place.step && alone ? 'step' : 'node';
  const entries = (Array.isArray(state.head.rights) ? state.head.rights : []).map((entry) => {
    const here = (entry?.node && entry.node === place.node) || (name === 'step' && entry?.step === place.step);
    return here ? { ...entry, fields: withValue(entry.fields ?? {}, key, undefined) } : entry;
  });
  const inherited = rightOf({ head: { rights: entries } }, place, key);
  if (right !== inherited) {
    const index = entries.findIndex((entry) => entry?.[name] === place[name]);
    if (index < 0) entries.push({ [name]: place[name], fields: { [key]: right } });
    else entries[index] = { ...entries[index], fields: { ...entries[index].fields, [key]: right } };
  }
  const kept = entries.filter((entry) => !entry?.fields || Object.keys(entry.fields).length);
  return setHead(state, 'rights', kept.length ? kept : undefined);
}
