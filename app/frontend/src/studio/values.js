// The values of a case as the server names them: { name: { label, type, fields, options, open } }. What a list holds is
// reached through the list, not by a path of its own.

/** Every value that a path leads to: { path, label, group, value } in the order of the context. */
export function flat(values) {
  return Object.entries(values).flatMap(([name, value]) => (
    name === 'forms'
      ? Object.entries(value.fields ?? {}).flatMap(([key, form]) => inside(form, `forms.${key}`, form.label, ''))
      : value.fields && value.type !== 'list' ? inside(value, name, value.label, '') : [{ path: name, label: value.label, group: '其他', value }]));
}

function inside(parent, path, group, prefix) {
  return Object.entries(parent.fields ?? {}).flatMap(([name, value]) => {
    const here = { path: `${path}.${name}`, label: `${prefix}${value.label}`, group, value };
    if (value.type === 'list' || !value.fields) return [here];
    const parts = inside(value, here.path, group, `${here.label}：`);
    return ['opinion', 'law'].includes(value.type) || path.startsWith('forms.') ? [here, ...parts] : parts;
  });
}

/** What stands at a path; null where it leads nowhere. */
export function at(values, path) {
  let here = { fields: values };
  for (const name of path.split('.')) {
    here = here.fields?.[name];
    if (!here) return null;
  }
  return here;
}

/** Options of a drop-down, by group: [[group, [[path, label], …]], …]. */
export function grouped(list) {
  const groups = new Map();
  for (const { path, label, group } of list) groups.set(group, [...groups.get(group) ?? [], [path, label]]);
  return [...groups];
}
