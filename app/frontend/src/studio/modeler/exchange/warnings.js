// What bpmn-js says when it opens a file, in Chinese.
const PATTERNS = [
  [/^unresolved reference <(.+)>/, (id) => `引用的“${id}”在文件中不存在，保存时将去掉这一引用。`],
  [/^unparsable content <(.+?)>/, (name) => `“${name}”写在标准不允许的位置，不能保留。`],
  [/^unknown attribute <(.+?)>/, (name) => `属性“${name}”不是标准的属性，不能保留。`],
  [/^unsupported document encoding <(.+?)>/, (name) => `文件编码 ${name} 不受支持。`],
  [/^duplicate ID <(.+?)>/, (id) => `编号“${id}”重复。`],
  [/^illegal first char attribute name|^missing attribute value/, () => '有一处属性的写法有误，不能保留。'],
  [/already rendered/, () => '有元素画了两次，只显示一次。'],
  [/no bpmnElement referenced in <(.+?)/, () => '有图形没有对应的元素，不显示。'],
  [/multiple DI elements/, () => '有元素画了多次，只显示一次。'],
];

/** The warnings of an import as sentences, each once. */
export function inChinese(warnings) {
  const words = warnings.map(({ message = '' }) => {
    const first = message.split('\n')[0];
    for (const [pattern, say] of PATTERNS) {
      const found = pattern.exec(first);
      if (found) return say(found[1]);
    }
    return '有一处内容编辑器不能显示，保存时可能不保留。';
  });
  const counts = new Map();
  for (const text of words) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count > 1 ? `${text}（${count} 处）` : text));
}
