// What the names in a template stand for: the values of a case, the template's own short names, the element of a repetition.
import { at } from '../values.js';
import { parse } from './expressions.js';

const LOOP = { type: 'record', label: '逐项', fields: { index: { label: '序号', type: 'number' }, first: { label: '第一项', type: 'boolean' }, last: { label: '最后一项', type: 'boolean' }, length: { label: '项数', type: 'number' } } };

export class Names {
  /** `values` of a case, `let` of the template, `local`: name → value (or null, where it is not known). */
  constructor(values, short = {}, local = {}) {
    this.values = values;
    this.short = short;
    this.local = local;
  }

  /** With the element of a list under a name. */
  with(name, list) {
    const found = this.value(list);
    const element = found?.fields ? { label: found.label, type: 'record', fields: found.fields, ofList: true } : null;
    return new Names(this.values, this.short, { ...this.local, [name]: element, loop: LOOP });
  }

  /** What an expression that names a value stands for; null where it computes. */
  value(expression) {
    const source = String(expression).trim();
    const picked = /^(documents|history)\|(?:of_code|of_form|last|first)\b/.exec(source);
    if (picked) return at(this.values, picked[1]);
    const choice = /^([\w.]+)\s+if\s+[\s\S]+\s+else\s+([\w.]+)$/.exec(source);
    if (choice) return this.value(choice[1]) ?? this.value(choice[2]);
    const path = /^([A-Za-z_][\w.]*)(?:\|default\([^)]*\))?$/.exec(source);
    return path ? this.at(path[1]) : null;
  }

  /** What stands at a path; null where nothing is known of it. */
  at(path) {
    const [first, ...rest] = path.split('.');
    let here = null;
    if (first in this.local) here = this.local[first];
    else if (first in this.short) {
      // either side of a choice may hold what is asked for
      const both = /^([\w.]+)\s+if\s+[\s\S]+\s+else\s+([\w.]+)$/.exec(String(this.short[first]).trim());
      const others = Object.fromEntries(Object.entries(this.short).filter(([name]) => name !== first));
      const outer = new Names(this.values, others, this.local);
      if (both && rest.length) return [both[1], both[2]].map((side) => outer.at([side, ...rest].join('.'))).find(Boolean) ?? null;
      here = outer.value(this.short[first]);
    } else return at(this.values, path);
    for (const name of rest) here = here?.fields?.[name];
    return here ?? null;
  }

  /** For sentences: label, options and type of a path. */
  named(path) {
    const value = this.at(path);
    return value && { label: value.label, options: value.options, type: value.type };
  }

  isKnown(path) {
    const [first] = path.split('.');
    if (this.local[first] === null) return true;
    if (this.at(path)) return true;
    const names = path.split('.');
    for (let length = names.length - 1; length > 0; length -= 1) {
      const parent = this.at(names.slice(0, length).join('.'));
      if (parent) return Boolean(parent.open);
    }
    return first in this.short && this.value(this.short[first]) === null && !parse(String(this.short[first]));
  }
}
