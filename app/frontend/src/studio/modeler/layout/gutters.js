// Where flows run up and down: in the gutters between columns, each at an x of its own wherever two would meet.

const AWAY = 8; // how far beside a height a detour runs, and how much farther each next one

/** @typedef {{ flow: string, from: number, to: number, left: number[], right: number[], detour?: { height: number, last: Turn } }} Turn */

/**
 * Put the turns of one gutter in order. Where two would each have to stand before the other, one gets a `detour`: it
 * goes to a height just beside its own and reaches its own at the end of the gutter.
 *
 * @param {Turn[]} turns upright pieces between two heights; `left` and `right` say on which side the flow goes on
 *   sideways, at which heights
 * @returns {{ places: Map<Turn, number>, width: number }} turn -> place, counted from the left
 */
export function order(turns) {
  // What comes from the left at a height must turn before what goes on to the right at the same height, or the two
  // would lie on each other.
  const comesFirst = (a, b) => a.flow !== b.flow && a.left.some((height) => b.right.includes(height));
  const before = new Map(turns.map((turn) => [turn, turns.filter((other) => comesFirst(other, turn))]));
  const places = new Map();
  const taken = [];
  const left = new Set([...turns].sort((a, b) => Math.abs(a.to - a.from) - Math.abs(b.to - b.from)));
  let detours = 0;
  const put = (turn, to) => {
    const [low, high] = [Math.min(turn.from, to), Math.max(turn.from, to)];
    let place = Math.max(-1, ...(before.get(turn) ?? []).filter((other) => places.has(other)).map((other) => places.get(other))) + 1;
    while (taken[place]?.some(([a, b]) => low <= b && high >= a)) place += 1;
    (taken[place] ??= []).push([low, high]);
    places.set(turn, place);
    left.delete(turn);
  };
  while (left.size) {
    const next = [...left].find((turn) => before.get(turn).every((other) => !left.has(other)));
    if (next) {
      put(next, next.to);
      continue;
    }
    const [turn] = left;
    const side = turn.from < turn.to ? -1 : 1;
    const height = turn.to + side * (AWAY + (AWAY / 2) * detours);
    const last = { flow: turn.flow, from: height, to: turn.to, left: [height], right: turn.right };
    turn.detour = { height, last };
    before.set(last, [...before.get(turn), turn]);
    before.set(turn, []);
    put(turn, height);
    left.add(last);
    detours += 1;
  }
  return { places, width: taken.length };
}
