// `rules.yaml` as a tree that can be changed in place: keys, their order and comments stay as they were written.
import { isAlias, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';

// As the server reads it (YAML 1.1): "yes" and "on" are truth values unless they stand in quotes.
const READING = { version: '1.1', uniqueKeys: true, logLevel: 'silent' };
const WRITING = { lineWidth: 110, flowCollectionPadding: false, indentSeq: true };

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const plain = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** What is wrong with a text, in Chinese; empty where it can be edited. */
function fault(doc) {
  const [error] = doc.errors;
  if (error) {
    const words = error.code === 'DUPLICATE_KEY' ? '同一名称写了两次' : '写法不对';
    return `规则文件第 ${error.linePos?.[0]?.line ?? '?'} 行${words}，不能用表格编辑。`;
  }
  if (doc.contents !== null && !isMap(doc.contents)) return '规则文件不是“名称: 内容”的对象，不能用表格编辑。';
  let alias = false;
  visit(doc, { Alias: () => { alias = true; return visit.BREAK; } });
  return alias ? '规则文件使用了引用（& 或 *），不能用表格编辑，请直接写出内容。' : '';
}

export class RuleText {
  constructor(text) {
    this.doc = parseDocument(text || '{}\n', READING);
    this.fault = fault(this.doc);
    if (this.doc.contents === null || (!this.fault && text.trim() === '')) this.doc = parseDocument('{}', READING);
    if (isMap(this.doc.contents) && this.doc.contents.items.length === 0) this.doc.contents.flow = false;
    this.value = this.fault ? {} : this.doc.toJS() ?? {};
  }

  /** The value at a path, undefined where there is none. */
  get(path) {
    return path.reduce((found, key) => (found === null || found === undefined ? undefined : found[key]), this.value);
  }

  /** Put a value at a path, touching only what differs; undefined takes it away (and a section left empty). */
  set(path, value) {
    if (same(this.get(path), value)) return this;
    if (value === undefined) this.doc.deleteIn(path);
    else if (!this.#update(this.doc.getIn(path, true), value)) this.#put(path, value);
    this.value = this.doc.toJS() ?? {};
    return this;
  }

  /** Give a key of a mapping another name, in its place. */
  rename(path, from, to) {
    const map = path.length ? this.doc.getIn(path, true) : this.doc.contents;
    const pair = isMap(map) && map.items.find((each) => (isScalar(each.key) ? each.key.value : each.key) === from);
    if (!pair || map.has(to)) return this;
    pair.key = this.doc.createNode(to);
    this.value = this.doc.toJS() ?? {};
    return this;
  }

  /** Take an entry of a list away, with the comments that belong to it alone. */
  remove(path, at) {
    this.doc.deleteIn([...path, at]);
    this.value = this.doc.toJS() ?? {};
    return this;
  }

  /** Move an entry of a list or a key of a mapping by `step` places. */
  move(path, at, step) {
    const found = this.doc.getIn(path, true);
    if (!(isMap(found) || isSeq(found))) return this;
    const to = at + step;
    if (to < 0 || to >= found.items.length) return this;
    const [taken] = found.items.splice(at, 1);
    found.items.splice(to, 0, taken);
    this.value = this.doc.toJS() ?? {};
    return this;
  }

  toString() { return this.doc.toString(WRITING); }

  #put(path, value) {
    const above = path.slice(0, -1);
    // a section that is empty (`clocks:`) or of another shape gives way to what is put into it
    for (let depth = 1; depth <= above.length; depth += 1) {
      const part = path.slice(0, depth);
      const found = this.doc.getIn(part, true);
      if (isMap(found) || isSeq(found)) continue;
      this.doc.setIn(part, this.doc.createNode(typeof path[depth] === 'number' ? [] : {}));
    }
    this.doc.setIn(path, this.doc.createNode(value));
  }

  #update(node, value) {
    if (isScalar(node) && (value === null || typeof value !== 'object')) {
      if (typeof node.value !== typeof value) { delete node.source; node.type = undefined; }
      node.value = value;
      return true;
    }
    if (isMap(node) && plain(value)) {
      for (const pair of [...node.items]) {
        const key = isScalar(pair.key) ? pair.key.value : pair.key;
        if (!(key in value)) node.delete(key);
      }
      for (const [key, inner] of Object.entries(value)) {
        if (!this.#update(node.get(key, true), inner)) node.set(key, this.doc.createNode(inner));
      }
      return true;
    }
    if (isSeq(node) && Array.isArray(value)) {
      node.items.length = Math.min(node.items.length, value.length);
      value.forEach((inner, at) => {
        if (at >= node.items.length || isAlias(node.items[at]) || !this.#update(node.items[at], inner)) node.items[at] = this.doc.createNode(inner);
      });
      return true;
    }
    return false;
  }
}
