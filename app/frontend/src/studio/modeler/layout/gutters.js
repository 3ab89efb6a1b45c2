// Where flows run up and down: in the gutters between columns, each at an x of its own wherever two would meet.

/**
 * @param {{ flow: string, from: number, to: number }[]} turns upright pieces of one gutter: they leave a row at height
 *   `from` and reach one at height `to`
 * @returns {{ places: Map<object, number>, width: number }} turn -> place, counted from the left
 */
export function order(turns) {
  const before = new Map(turns.map((turn) => [turn, []]));
  for (const a of turns) {
    for (const b of turns) {
      // What leaves a row must turn before what comes into the same row, or the two would lie on each other.
      if (a !== b && a.from === b.to && a.flow !== b.flow) before.get(b).push(a);
    }
  }
  const places = new Map();
  const taken = [];
  const left = new Set([...turns].sort((a, b) => Math.abs(a.to - a.from) - Math.abs(b.to - b.from)));
  while (left.size) {
    const next = [...left].find((turn) => before.get(turn).every((other) => !left.has(other))) ?? [...left][0];
    left.delete(next);
    const [low, high] = [Math.min(next.from, next.to), Math.max(next.from, next.to)];
    let place = Math.max(-1, ...before.get(next).filter((other) => places.has(other)).map((other) => places.get(other))) + 1;
    while (taken[place]?.some(([a, b]) => low <= b && high >= a)) place += 1;
    (taken[place] ??= []).push([low, high]);
    places.set(next, place);
  }
  return { places, width: taken.length };
}
