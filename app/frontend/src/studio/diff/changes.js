// Differences on their way to the page: what the list shows, and which sign each element of a diagram gets. Pure.
export const KINDS = {
  added: { sign: '＋', name: '新增' },
  removed: { sign: '－', name: '删除' },
  renamed: { sign: '≈', name: '改名' },
  moved: { sign: '⇄', name: '移动' },
  changed: { sign: '≈', name: '修改' },
  rerouted: { sign: '↷', name: '改接' },
  layout: { sign: '▫', name: '位置' },
  unreadable: { sign: '！', name: '不能比较' },
};
const WEIGHT = ['layout', 'changed', 'renamed', 'rerouted', 'moved', 'added', 'removed'];

/** In groups of one file: [{ path, file, changes }]; without `layout` only differences of meaning. */
export function byFile(changes, { layout = false } = {}) {
  const groups = new Map();
  for (const change of changes) {
    if (change.kind === 'layout' && !layout) continue;
    if (!groups.has(change.path)) groups.set(change.path, { path: change.path, file: change.file, changes: [] });
    groups.get(change.path).changes.push(change);
  }
  return [...groups.values()];
}

export const layoutCount = (changes) => changes.filter(({ kind }) => kind === 'layout').length;

/** The gravest kind at each element of a diagram: id → { kind, texts }. */
export function atElements(changes, path, { layout = false } = {}) {
  const found = new Map();
  for (const { path: of, kind, element, text } of changes) {
    if (of !== path || !element || (kind === 'layout' && !layout)) continue;
    const known = found.get(element);
    const grave = !known || WEIGHT.indexOf(kind) > WEIGHT.indexOf(known.kind) ? kind : known.kind;
    found.set(element, { kind: grave, texts: [...known?.texts ?? [], text] });
  }
  return found;
}

/** What the present drawing shows (nothing that is gone) and what the other one shows (nothing that is new). */
export function sides(at) {
  const now = new Map([...at].filter(([, { kind }]) => kind !== 'removed'));
  const other = new Map([...at].filter(([, { kind }]) => kind !== 'added'));
  return { now, other };
}

/** The class of colour of a kind: three of them, each with its own sign. */
export const colourOf = (kind) => (kind === 'added' || kind === 'removed' ? `diff-${kind}` : 'diff-changed');
