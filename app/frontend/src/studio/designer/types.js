// The types of items an analyst can put into a form, as the palette offers them: docs/forms.md, app/forms/item_types.py.
export const GROUPS = [
  ['输入', ['text', 'textarea', 'number', 'money', 'date', 'datetime']],
  ['选择', ['yesno', 'radio', 'select', 'checkboxes']],
  ['办案', ['opinion', 'party', 'person', 'law']],
  ['材料', ['evidence', 'file', 'list']],
  ['版式', ['section', 'note']],
];

export const NAMES = {
  text: '单行文字', textarea: '多行文字', number: '数字', money: '金额', date: '日期', datetime: '日期和时间', yesno: '是否',
  radio: '单选', select: '下拉选择', checkboxes: '多选', opinion: '处理意见', party: '当事人', person: '执法人员', law: '法律条款',
  evidence: '证据清单', file: '附件', list: '明细表', section: '分组标题', note: '说明文字',
};

export const MARKS = {
  text: '文', textarea: '段', number: '数', money: '￥', date: '日', datetime: '时', yesno: '是', radio: '单', select: '选',
  checkboxes: '多', opinion: '意', party: '人', person: '员', law: '法', evidence: '证', file: '附', list: '表', section: '组', note: '注',
};

export const COLUMN_TYPES = ['text', 'textarea', 'number', 'money', 'date', 'datetime', 'yesno', 'select', 'person'];
export const WIDTHS = [[12, '整行'], [9, '四分之三'], [8, '三分之二'], [6, '半行'], [4, '三分之一'], [3, '四分之一']];
export const STANCES = [['agree', '同意'], ['disagree', '不同意'], ['amend', '修改后再报']];
export const CERTIFICATES = [['', '不限'], ['enforcement', '执法证'], ['legal', '法制审核'], ['hearing', '听证主持']];
export const PARTY_PARTS = [
  ['kind', '当事人类型'], ['name', '姓名（名称）'], ['id_code', '证件号码'], ['legal_representative', '法定代表人'], ['address', '住址'], ['phone', '电话'],
];

const CHOICES = ['选项一', '选项二'];
const FIRST = {
  radio: { options: CHOICES },
  select: { options: CHOICES },
  checkboxes: { options: CHOICES },
  opinion: { options: ['agree', 'disagree'] },
  list: { columns: [{ type: 'text', key: 'name', label: '名称' }] },
};

export const isKeyed = (type) => type !== 'section' && type !== 'note';
export const hasOptions = (type) => ['radio', 'select', 'checkboxes'].includes(type);
/** Whether a routing attribute may copy the answer; others are written by a condition. */
export const copies = (type) => ['yesno', 'number', 'money', 'radio', 'select'].includes(type);
export const mayBegin = (type) => ['text', 'textarea', 'number', 'money', 'date', 'yesno', 'radio', 'select', 'checkboxes'].includes(type);

/** A new item of a type, with what the type cannot be without. */
export function fresh(type, key) {
  const item = { type };
  if (isKeyed(type)) item.key = key;
  item.label = NAMES[type];
  return { ...item, ...structuredClone(FIRST[type] ?? {}) };
}

/** Options as pairs, written as texts or as objects. */
export function optionsOf(item) {
  return (Array.isArray(item.options) ? item.options : []).map((option) => (
    typeof option === 'object' && option !== null ? { value: String(option.value ?? ''), label: String(option.label ?? '') } : { value: String(option), label: String(option) }));
}
