/** How many shades there are; the least is nearly white, so that no shade stands for "nothing". */
export const SHADES = 5;

/** The shade of each node: by the place of its value between nothing and the greatest, on a root scale, because a few
 * long steps would otherwise leave all others white. */
export function shades(values, measure) {
  const known = Object.entries(values).filter(([, one]) => one[measure] !== null);
  const greatest = Math.max(...known.map(([, one]) => one[measure]), 0);
  return new Map(known.map(([node, one]) => [node, greatest ? Math.min(SHADES - 1, Math.floor(Math.sqrt(one[measure] / greatest) * SHADES)) : 0]));
}

/** The values at which each shade begins, the last one at the greatest. */
export function bounds(values, measure) {
  const greatest = Math.max(...Object.values(values).map((one) => one[measure] ?? 0), 0);
  return Array.from({ length: SHADES + 1 }, (_, n) => greatest * (n / SHADES) ** 2);
}

/** A value as it stands at its step. */
export function shown(value, measure) {
  return measure === 'again' ? String(value) : value.toFixed(1);
}
