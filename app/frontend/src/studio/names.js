const KINDS = [
  [/^internal\.bpmn$/, () => '内部流程图'],
  [/^external\.bpmn$/, () => '外部流程图'],
  [/^rules\.yaml$/, () => '规则'],
  [/^forms\/(.+)\.json$/, (name) => `表单 ${name}`],
  [/^documents\/(.+)\.sample\.json$/, (name) => `文书 ${name} 的示例数据`],
  [/^documents\/(.+)\.yaml$/, (name) => `文书 ${name}`],
  [/^tables\/(.+)\.dmn$/, (name) => `决策表 ${name}`],
  [/^called\/(.+)\.bpmn$/, (name) => `被调用流程 ${name}`],
  [/^runs\/(.+)\.json$/, (name) => `试运行 ${name}`],
];

/** What a part of a draft is called. */
export function partName(path) {
  for (const [pattern, words] of KINDS) {
    const found = pattern.exec(path);
    if (found) return words(found[1]);
  }
  return path;
}
