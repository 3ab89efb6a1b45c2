// Proof as one draws: the verdict and the findings beside the drawing, signs at the elements, and the way of a
// counter-example played on the diagram. Other features read the account: workbench.proofs.on('account', fn).
import './proof.css';
import { Listeners } from '../listeners.js';
import { Marking } from '../marking.js';
import { Asking } from './asking.js';
import { SEVERITIES, atElements, numbered, sameAs } from './findings.js';
import { Panel } from './panel.js';
import { Trace } from './trace.js';

export const order = 20;
const WHICH = ['internal', 'external'];
const SETTLE = 100;

export function prepare(workbench) {
  const listeners = new Listeners();
  workbench.proofs = { account: null, on: (name, listener) => listeners.on(name, listener), tell: (name, detail) => listeners.tell(name, detail) };
}

export function install(workbench) {
  const { draft } = workbench;
  const marks = Object.fromEntries(WHICH.map((which) => [which, new Marking(workbench.editor(which), 'proof')]));
  const trace = new Trace(workbench);
  const panel = new Panel(workbench, { choose, trace });
  let findings = [];
  let chosen = null;

  const asking = new Asking(
    (signal) => draft.post('proof', { changes: draft.changes }, { signal }),
    ({ state, account, message }) => {
      panel.state(state, message);
      if (state !== 'told') return;
      findings = numbered(account.findings);
      workbench.proofs.account = account;
      if (chosen) chosen = findings.find((finding) => sameAs(finding) === sameAs(chosen)) ?? null;
      panel.show(account, findings, chosen);
      if (chosen) trace.open(chosen); // what plays goes on where its way is the same
      else trace.close();
      draw();
      workbench.proofs.tell('account', account);
    },
  );

  function draw() {
    for (const which of WHICH) {
      if (!workbench.editor(which).getDefinitions()) continue;
      const signs = [...atElements(findings, which)].map(([id, at]) => ({ id, node: sign(at), corner: { top: -12, left: -10 } }));
      marks[which].signs(signs);
    }
  }

  function sign(at) {
    const [first] = at;
    const node = document.createElement('button');
    node.type = 'button';
    node.tabIndex = -1; // the list is the way for the keyboard
    node.className = `proof-sign ${first.severity}`;
    node.textContent = `${SEVERITIES[first.severity].sign}${first.number}${at.length > 1 ? `+${at.length - 1}` : ''}`;
    node.title = at.map((finding) => finding.message).join('\n');
    node.addEventListener('click', (event) => {
      event.stopPropagation();
      panel.open();
      choose(first);
    });
    return node;
  }

  function choose(finding) {
    if (!finding && !chosen) return;
    chosen = finding;
    panel.choose(finding);
    if (finding?.elements.length) workbench.select(finding.diagram, finding.elements[0], { reveal: true });
    trace.open(finding);
  }

  for (const which of WHICH) {
    let timer;
    workbench.editor(which).on('commandStack.changed', ({ trigger }) => {
      if (trigger === 'clear') return;
      clearTimeout(timer);
      timer = setTimeout(() => draft.gather?.(), SETTLE); // sooner than it is saved: the answer is waited for
    });
  }
  draft.on('change', ({ path }) => { if (!path.startsWith('runs/')) asking.soon(); });
  workbench.on('load', () => { draw(); trace.redraw(); });
  workbench.on('panel', ({ name }) => { if (name === 'diff') choose(null); }); // two colourings of one drawing tell nothing
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'F8' || event.defaultPrevented) return;
    event.preventDefault();
    panel.open();
    panel.step(event.shiftKey ? -1 : 1);
  });
  asking.now();
}
