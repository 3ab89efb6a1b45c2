// Which internal tasks realise which external step, and what the limits leave, from the account of a proof. Pure.
// A budget is one statutory limit: days it is good for, the longest way (chain) through the positions, slack of each
// element on the way.

/** The partners of an element in the other diagram. */
export function partners(steps, which, id) {
  if (which === 'external') return steps.find((step) => step.element && step.element === id)?.tasks ?? [];
  return steps.filter((step) => step.element && step.tasks.includes(id)).map((step) => step.element);
}

/** What has no counterpart: { external: [ids], internal: [ids] }. */
export function uncovered(steps) {
  return {
    external: steps.filter((step) => step.element && !step.tasks.length).map((step) => step.element),
    internal: steps.filter((step) => !step.element).flatMap((step) => step.tasks),
  };
}

/** The budget shown first: the longest limit. */
export const widest = (budgets) => [...budgets].sort((a, b) => b.days - a.days || (a.id < b.id ? -1 : 1))[0] ?? null;

/** Days left on the longest way through each element, the least over the budgets: id → { days, budget, cost }. */
export function slacks(budgets) {
  const found = new Map();
  for (const budget of budgets) {
    const cost = new Map(budget.chain.map(({ element, days }) => [element, days]));
    for (const [id, days] of Object.entries(budget.slack)) {
      const known = found.get(id);
      if (!known || days < known.days) found.set(id, { days, budget, cost: cost.get(id) ?? null });
    }
  }
  return found;
}

/** Working days of each position along the longest way of a budget: lane id → days. `laneOf`: element id → lane id. */
export function byLane(budget, laneOf) {
  const found = new Map();
  for (const { element, days } of budget?.chain ?? []) {
    const lane = laneOf(element);
    if (lane) found.set(lane, (found.get(lane) ?? 0) + days);
  }
  return found;
}

/** What a budget means for some elements: days they take on the longest way, and the least that is left. */
export function share(budget, ids) {
  const own = new Set(ids);
  const left = Object.entries(budget.slack).filter(([id]) => own.has(id)).map(([, days]) => days);
  const taken = budget.chain.filter(({ element }) => own.has(element)).reduce((sum, { days }) => sum + days, 0);
  return left.length ? { taken, left: Math.min(...left) } : null;
}

/** Days that are left, in words and with a shape. */
export function leftWords(days) {
  if (days < 0) return { state: 'over', words: `■ 超出 ${-days} 个工作日` };
  return { state: days ? 'left' : 'tight', words: `${days ? '●' : '▲'} 剩余 ${days} 个工作日` };
}

/** `5wd` as 5 个工作日. */
export function limitWords(limit) {
  const found = /^(\d+)(wd|d|h)$/.exec(limit ?? '');
  return found ? `${found[1]} ${{ wd: '个工作日', d: '日', h: '小时' }[found[2]]}` : limit || '没有写明';
}
