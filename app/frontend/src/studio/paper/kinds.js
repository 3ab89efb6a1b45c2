// The kinds of blocks (docs/document-templates.md, app/documents/blocks.py) in the one shape in which they are edited, and
// back into the shape in which people write them. A block that nobody touches is never rewritten.
export const KINDS = {
  redhead: '红头', title: '标题', number: '文号', h: '小标题', p: '正文段落', note: '附注', kv: '标签和内容', ol: '编号列表',
  table: '表格', form_table: '审批表格', sign: '落款和印章', signatures: '签名栏', qa: '问答',
};

const FRESH = {
  redhead: '{{ agency.name }}', title: '{{ document.title }}', number: '{{ document.number }}', h: '一、小标题', p: '请在这里写正文。', note: '附注',
  kv: [{ label: '标签', text: '内容' }], ol: ['第一项'],
  table: { head: ['序号', '名称'], widths: [20, 130], rows: [['1', '内容']] },
  form_table: { widths: [24, 54, 24, 54], rows: [[{ label: '标签' }, { text: '内容', span: 3 }]] },
  sign: { agency: '{{ agency.name }}', date: '{{ document.issued_on|cn_date }}', seal: true, qr: true },
  signatures: { lines: [{ role: '当事人' }] }, qa: [{ q: '问题', a: '回答' }],
};

const LINES = ['redhead', 'title', 'number', 'h', 'note'];
export const isLine = (kind) => LINES.includes(kind);
export const fresh = (kind) => ({ [kind]: structuredClone(FRESH[kind]) });

/** The kind of a block; empty where it has none of ours, or several. */
export function kindOf(raw) {
  const kinds = Object.keys(raw ?? {}).filter((key) => key !== 'if' && key !== 'lock');
  return kinds.length === 1 && kinds[0] in KINDS ? kinds[0] : '';
}

const listed = (value) => (Array.isArray(value) ? value : value && typeof value === 'object' ? [value] : []);
const mapped = (value) => (value && typeof value === 'object' && !Array.isArray(value) ? value : {});

/** A block's value as it is edited. */
export function opened(kind, value) {
  if (isLine(kind)) return { text: String(value ?? '') };
  if (kind === 'p') return mapped(value) === value ? value : { text: String(value ?? '') };
  if (kind === 'kv') return { rows: listed(value).map((row) => (Array.isArray(row) ? { label: String(row[0] ?? ''), text: String(row[1] ?? '') } : mapped(row))) };
  if (kind === 'ol') {
    const whole = mapped(value) === value && 'items' in value ? value : { items: value };
    return { ...whole, items: listed(whole.items).map((item) => (mapped(item) === item ? item : { text: String(item) })) };
  }
  if (kind === 'qa') return { items: listed(value) };
  if (kind === 'form_table') return { ...mapped(value), rows: listed(mapped(value).rows).map((row) => (Array.isArray(row) ? { cells: row } : mapped(row))) };
  if (kind === 'signatures') return { ...mapped(value), lines: listed(mapped(value).lines) };
  return mapped(value);
}

/** What was edited, as people write it. */
export function closed(kind, edited) {
  if (isLine(kind)) return edited.text;
  if (kind === 'p') return Object.keys(edited).length === 1 ? edited.text : edited;
  if (kind === 'kv') return edited.rows.map((row) => (Object.keys(row).length === 2 ? [row.label, row.text] : row));
  if (kind === 'ol') {
    const items = edited.items.map((item) => (Object.keys(item).length === 1 ? item.text : item));
    return edited.style ? { ...edited, items } : items;
  }
  if (kind === 'qa') return edited.items;
  if (kind === 'form_table') return { ...edited, rows: edited.rows.map((row) => (Object.keys(row).length === 1 ? row.cells : row)) };
  return edited;
}

const UNSAID = ['if', 'lock', 'each', 'as', 'sign', 'align', 'style'];

/** The first words of a block, for a list of blocks; `say` puts a value into words. */
export function summary(raw, most = 40, say = () => '□') {
  const texts = [];
  const walk = (value) => {
    if (typeof value === 'string') texts.push(value);
    else if (value && typeof value === 'object') Object.entries(value).forEach(([name, inner]) => { if (!UNSAID.includes(name)) walk(inner); });
  };
  walk(raw);
  const text = texts.join(' ').replace(/\{%[\s\S]*?%\}/g, '').replace(/\{\{[\s\S]*?\}\}/g, say).replace(/\s+/g, ' ').trim();
  return text.length > most ? `${text.slice(0, most)}……` : text;
}

/** Whether two values are written alike. */
export const same = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}
