// Findings in the order and the words of the list. Pure.
export const SEVERITIES = {
  block: { name: '阻断', sign: '✖' },
  unproven: { name: '不能证明', sign: '？' },
  warn: { name: '提醒', sign: '▲' },
};
const RANK = Object.keys(SEVERITIES);

/** Findings with their numbers: the gravest first, then by file and rule, whatever order they came in. */
export function numbered(findings) {
  const key = ({ severity, path, rule, message }) => [RANK.indexOf(severity), path, rule, message];
  return findings
    .map((finding) => ({ ...finding, key: key(finding) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ key: _, ...finding }, n) => ({ ...finding, number: n + 1 }));
}

function compare(a, b) {
  for (const [n, one] of a.entries()) {
    if (one !== b[n]) return one < b[n] ? -1 : 1;
  }
  return 0;
}

/** What identifies a finding from one proof to the next, so that the chosen one stays chosen. */
export const sameAs = (finding) => JSON.stringify([finding.rule, finding.path, finding.elements, finding.severity]);

/** Those of a severity (empty: all) that hold every word of `text`. */
export function filtered(findings, { severity = '', text = '' } = {}) {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return findings.filter((finding) => {
    const all = [finding.rule, finding.title, finding.cite, finding.message].join(' ').toLowerCase();
    return (!severity || finding.severity === severity) && words.every((word) => all.includes(word));
  });
}

/** In groups of one severity each: [{ severity, name, sign, findings }]. */
export function grouped(findings) {
  return RANK.map((severity) => ({ severity, ...SEVERITIES[severity], findings: findings.filter((finding) => finding.severity === severity) }))
    .filter((group) => group.findings.length);
}

/** What a diagram shows: element id → the findings at it, the gravest first. */
export function atElements(findings, which) {
  const found = new Map();
  for (const finding of findings) {
    if (finding.diagram !== which || !finding.elements.length) continue;
    const [first] = finding.elements;
    found.set(first, [...found.get(first) ?? [], finding]);
  }
  return found;
}

/** The verdict in one line: { state, sign, words }. */
export function verdict(account) {
  const count = (severity) => account.findings.filter((finding) => finding.severity === severity).length;
  const [block, unproven, warn] = RANK.map(count);
  const rest = [unproven && block ? `不能证明 ${unproven} 处` : '', warn ? `提醒 ${warn} 处` : ''].filter(Boolean).join('，');
  const more = rest ? `，另有${rest}` : '';
  if (block) return { state: 'block', sign: '✖', words: `有 ${block} 处阻断问题，不能发布${more}` };
  if (account.proven) return { state: 'proven', sign: '✔', words: `已证明：可以发布${more}` };
  return { state: 'unproven', sign: '？', words: `不能证明${unproven ? `：${unproven} 处` : ''}，由运行时的闸门把关${more}` };
}
