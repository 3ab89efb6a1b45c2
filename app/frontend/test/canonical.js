// XML as plain values that are equal exactly when two files say the same: names with their namespace, attributes in
// order of their names, text without the space around it; defaults of the BPMN schema left out.
import { Parser } from 'saxen';

const DEFAULTS = new Map([['isExecutable', null], ['gatewayDirection', 'Unspecified'], ['isExpanded', null]]);

export function canonical(xml) {
  const root = { name: '#', attributes: [], children: [], text: '' };
  const path = [root];
  const spaces = [{ xml: 'http://www.w3.org/XML/1998/namespace' }];
  const full = (name, scope, isAttribute) => {
    const at = name.indexOf(':');
    if (at < 0) return isAttribute ? name : `{${scope[''] ?? ''}}${name}`;
    return `{${scope[name.slice(0, at)]}}${name.slice(at + 1)}`;
  };
  const parser = new Parser();
  parser.on('openTag', (name, attributes, decode) => {
    const given = Object.entries(attributes()).map(([key, value]) => [key, decode(value)]);
    const scope = { ...spaces.at(-1) };
    for (const [key, value] of given) {
      if (key === 'xmlns') scope[''] = value;
      else if (key.startsWith('xmlns:')) scope[key.slice(6)] = value;
    }
    spaces.push(scope);
    const node = {
      name: full(name, scope, false),
      attributes: given.filter(([key, value]) => !key.startsWith('xmlns') && DEFAULTS.get(key) !== value).map(([key, value]) => [full(key, scope, true), value]).sort(),
      children: [],
      text: '',
    };
    path.at(-1).children.push(node);
    path.push(node);
  });
  parser.on('closeTag', () => {
    spaces.pop();
    path.pop();
  });
  parser.on('text', (text, decode) => { path.at(-1).text += decode(text).trim(); });
  parser.on('cdata', (text) => { path.at(-1).text += text; });
  parser.on('error', (error) => { throw error; });
  parser.parse(xml);
  return sorted(root.children);
}

/** Elements whose order says nothing are put in order: those with an id among their kind. */
function sorted(nodes) {
  return nodes.map((node) => ({ ...node, children: sorted(node.children) }))
    .sort((a, b) => key(a).localeCompare(key(b)));
}

const key = (node) => `${node.name} ${node.attributes.find(([name]) => name === 'id')?.[1] ?? ''} ${/flowNodeRef|incoming|outgoing/.test(node.name) ? node.text : ''}`;
