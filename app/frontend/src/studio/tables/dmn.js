// A decision table out of its DMN 1.3 text, and back into it. What the platform does not know (drawings, other tools'
// elements and attributes) stays in the file: only what changed is written.
const DMN = 'https://www.omg.org/spec/DMN/20191111/MODEL/';
const XQ = 'urn:xingquan:bpmn:1';
const OUT = { choice: 'string' };
const IN = { string: 'choice' };

const children = (element, name) => [...element.children].filter((child) => child.namespaceURI === DMN && child.localName === name);
const child = (element, name) => children(element, name)[0] ?? null;
const textOf = (element) => (element ? (child(element, 'text') ?? element).textContent.trim() : '');
const kindOf = (type) => IN[type] ?? type ?? '';

let made = 0;
/** An id no other element of the table has. */
export const newId = (word) => `${word}_${Date.now().toString(36)}${(made += 1)}`;

/** The model of a text; it throws where the server would refuse the file as a whole. Elements stand in `node`. */
export function readTable(text) {
  const doc = new DOMParser().parseFromString(text, 'application/xml');
  if (doc.querySelector('parsererror')) throw new Error('文件不是有效的 XML。');
  const decision = child(doc.documentElement, 'decision');
  const table = decision && child(decision, 'decisionTable');
  if (doc.documentElement.namespaceURI !== DMN || !table) throw new Error('文件不是 DMN 1.3 的决策表。');
  const cell = (node) => ({ text: textOf(node), node });
  return {
    doc,
    title: decision.getAttribute('name') ?? '',
    basis: decision.getAttributeNS(XQ, 'basis') ?? '',
    policy: table.getAttribute('hitPolicy') ?? 'UNIQUE',
    inputs: children(table, 'input').map((node) => ({
      id: node.id || newId('input'),
      label: node.getAttribute('label') ?? '',
      name: textOf(child(node, 'inputExpression')),
      kind: kindOf(child(node, 'inputExpression')?.getAttribute('typeRef')),
      allowed: textOf(child(node, 'inputValues')),
      whole: node.getAttributeNS(XQ, 'whole') === 'true',
      node,
    })),
    outputs: children(table, 'output').map((node) => ({
      id: node.id || newId('output'),
      label: node.getAttribute('label') ?? '',
      name: node.getAttribute('name') ?? child(decision, 'variable')?.getAttribute('name') ?? '',
      kind: kindOf(node.getAttribute('typeRef')),
      node,
    })),
    rows: children(table, 'rule').map((node) => ({
      id: node.id || newId('rule'),
      note: textOf(child(node, 'description')),
      cells: children(node, 'inputEntry').map(cell),
      results: children(node, 'outputEntry').map(cell),
      node,
    })),
  };
}

/** The text of a model. */
export function writeTable(model) {
  const doc = model.doc.cloneNode(true);
  const decision = child(doc.documentElement, 'decision');
  const table = child(decision, 'decisionTable');
  decision.setAttribute('name', model.title);
  own(decision, 'basis', model.basis);
  if (model.policy === 'UNIQUE') table.removeAttribute('hitPolicy');
  else table.setAttribute('hitPolicy', model.policy);
  const kept = [...table.children].filter((each) => each.namespaceURI !== DMN || !['input', 'output', 'rule'].includes(each.localName));
  const annotations = kept.filter((each) => each.localName === 'annotation');
  table.replaceChildren(
    ...kept.filter((each) => each.localName !== 'annotation'),
    ...model.inputs.map((column) => input(doc, column)),
    ...model.outputs.map((column) => output(doc, column)),
    ...annotations,
    ...model.rows.map((row) => rule(doc, row)),
  );
  indent(doc.documentElement, 0);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(doc.documentElement)}\n`;
}

const element = (doc, name, node) => (node ? doc.importNode(node, true) : doc.createElementNS(DMN, name));

function own(node, name, value) {
  if (value) node.setAttributeNS(XQ, `xq:${name}`, value);
  else node.removeAttributeNS(XQ, name);
}

function attribute(node, name, value) {
  if (value) node.setAttribute(name, value);
  else node.removeAttribute(name);
}

/** The element's `name` child with a text in it, made where it is missing, in front of `before`. */
function spoken(doc, parent, name, text) {
  const holder = child(parent, name) ?? parent.appendChild(doc.createElementNS(DMN, name));
  const inner = child(holder, 'text') ?? holder.appendChild(doc.createElementNS(DMN, 'text'));
  inner.textContent = text;
  return holder;
}

function input(doc, column) {
  const node = element(doc, 'input', column.node);
  node.setAttribute('id', column.id);
  attribute(node, 'label', column.label);
  own(node, 'whole', column.whole ? 'true' : '');
  spoken(doc, node, 'inputExpression', column.name).setAttribute('typeRef', OUT[column.kind] ?? column.kind);
  if (column.allowed) spoken(doc, node, 'inputValues', column.allowed);
  else child(node, 'inputValues')?.remove();
  return node;
}

function output(doc, column) {
  const node = element(doc, 'output', column.node);
  node.setAttribute('id', column.id);
  attribute(node, 'label', column.label);
  node.setAttribute('name', column.name);
  node.setAttribute('typeRef', OUT[column.kind] ?? column.kind);
  return node;
}

function rule(doc, row) {
  const node = element(doc, 'rule', row.node);
  node.setAttribute('id', row.id);
  const rest = [...node.children].filter((each) => each.namespaceURI !== DMN || !['description', 'inputEntry', 'outputEntry'].includes(each.localName));
  const entries = (name, cells) => cells.map((cell) => {
    const entry = element(doc, name, cell.node);
    const inner = child(entry, 'text') ?? entry.appendChild(doc.createElementNS(DMN, 'text'));
    inner.textContent = cell.text;
    return entry;
  });
  const first = [];
  if (row.note) {
    const description = child(node, 'description') ?? doc.createElementNS(DMN, 'description');
    description.textContent = row.note;
    first.push(description);
  }
  const extensions = rest.filter((each) => each.localName === 'extensionElements');
  const others = rest.filter((each) => !extensions.includes(each));
  node.replaceChildren(...first, ...extensions, ...entries('inputEntry', row.cells), ...entries('outputEntry', row.results), ...others);
  return node;
}

/** Lay elements that hold only elements out on lines of their own. */
function indent(node, depth) {
  const inner = [...node.children];
  if (!inner.length || [...node.childNodes].some((each) => each.nodeType === Node.TEXT_NODE && each.textContent.trim())) return;
  for (const each of [...node.childNodes]) if (each.nodeType === Node.TEXT_NODE) each.remove();
  for (const each of inner) {
    each.before(`\n${'  '.repeat(depth + 1)}`);
    indent(each, depth + 1);
  }
  node.append(`\n${'  '.repeat(depth)}`);
}
