/** What the page says about a node: what waits there first, then what was done there, newest first. A statutory step
 * leads to everything done under it, and only while there is nothing to its line in the list of steps. */
export function places(document, id, prefix) {
  const name = CSS.escape(id);
  const own = document.getElementById(`${prefix}-${id}`);
  const records = [...document.querySelectorAll(`details[data-${prefix}="${name}"]`)];
  if (prefix === 'node') return own && !records.includes(own) ? [own, ...records] : own ? [own] : records.slice(0, 1);
  return records.length ? records : own ? [own] : [];
}
