// What could not be saved when a page was left, kept in this browser until a later page of the same person saves it.
import { randomName } from './random.js';

const PREFIX = 'xq-studio:';
const KEPT = 7 * 86_400_000;

/** The stash of this page for a draft (`name`: account and draft). Storage may be forbidden or full: then it is empty. */
export function stashOf(name, { storage = allowed(), now = Date.now, page = randomName() } = {}) {
  const mine = `${PREFIX}${name}:${page}`;
  const attempt = (act, otherwise) => {
    try { return act(); } catch { return otherwise; }
  };
  const keys = () => attempt(() => Array.from({ length: storage.length }, (_, n) => storage.key(n)), [])
    .filter((key) => key?.startsWith(`${PREFIX}${name}:`) && key !== mine);
  const read = (key) => attempt(() => JSON.parse(storage.getItem(key)), null);
  return {
    /** `left`: what `Draft.left` says. */
    write: (left) => attempt(() => { storage.setItem(mine, JSON.stringify({ at: now(), left })); return true; }, false),
    drop: () => attempt(() => storage.removeItem(mine)),
    /** What other pages left, the newest text of a path last. */
    others: () => keys().map(read).filter((found) => found && now() - found.at < KEPT)
      .sort((a, b) => a.at - b.at).flatMap(({ left }) => (Array.isArray(left) ? left : [])),
    dropOthers: () => keys().forEach((key) => attempt(() => storage.removeItem(key))),
  };
}

function allowed() {
  try { return window.localStorage; } catch { return { length: 0 }; }
}
