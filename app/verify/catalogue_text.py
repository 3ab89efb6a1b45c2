"""The page of all rules (`docs/rules.md`), made from their classes, in Chinese."""

from collections.abc import Iterable, Iterator, Sequence
from inspect import cleandoc

from .findings import Severity
from .rules import RULES, SCOPES, Rule
from .rules.steps import ATTRIBUTES, STEPS
from .wording import sentence

LEVELS = {Severity.BLOCK: "不得发布", Severity.WARN: "提醒"}
DECIDERS = {
    "soundness": "静态证明：走遍全部状态（可靠性）",
    "refinement": "静态证明：内部图与外部图的全部状态逐步对照（细化）",
    "timing": "静态证明：最长路径上的时限之和（时间）",
}
GATES = {
    "case_closed": "办结的案件不再办理",
    "recused": "决定回避的人员退出本案",
    "position": "由担任岗位的人员办理",
    "certified_officers": "人数和有效证件",
    "separation": "不相容的环节由不同人员办理",
    "named_person": "表单中指定的人员同样分离",
    "frozen": "决定之后冻结以前的环节",
    "legal_review": "法制审核通过且有效",
    "hearing": "申请的听证已经举行",
    "step_before": "前置环节已经完成",
    "moment_order": "发生时间不早于前一环节",
    "period": "期限届满方可办理",
    "out_of_time": "逾期提出的不予接受",
    "clock": "计时暂停或者届满",
    "rounds": "重复次数不超过上限",
    "document": "所需文书已经制作且有效",
    "evidence_list": "证据清单与证据文件一致",
    "applied_law": "新旧规定不同的说明适用的理由",
    "reckoned": "期限届满之日依法计算",
    "quiet_hours": "夜间和休息日不得实施",
    "disputed": "复议诉讼结束以前不得办理",
    "settled": "缴清以前不得登记为缴清",
    "stated": "文书数额与账户一致",
    "no_increase": "不得重于告知的处罚",
    "discretion": "种类和幅度在法定范围和裁量基准之内",
    "reason": "异常情形写明理由",
    "sitting": "与平台上的集体讨论、听证一致",
}
HEAD = """\
# 规则目录

流程发布前对照本页的规则逐条证明。本页由规则代码生成（`script/xq rules --write`），请勿手工修改。

* **级别**：“不得发布”的违反会阻止发布；“提醒”的可以发布。不能证明也不能推翻的，报“不能证明”，不算通过，由运行时守卫把关。
* **判定**：静态证明走遍流程的全部状态；图上检查看节点属性、表单、文书模板和规则集；只在运行时才知道的，由守卫逐案把关。
* **例子**：每条规则各有一个违反的和一个符合的小流程，写法为“环节名(环节标签)”，`>` 是流向，`[ ]` 是条件，
  `x`、`p`、`e` 开头的是排他、并行、事件网关，`t` 开头的是计时事件，`m` 开头的是消息事件；详见页末的环节标签。
"""


def page(rules: Sequence[Rule] = RULES) -> str:
    """The whole page as Markdown."""
    parts = [HEAD, f"共 {len(rules)} 条，其中 {sum(rule.static for rule in rules)} 条静态判定。", ""]
    for scope, title in SCOPES.items():
        found = [rule for rule in rules if rule.scope == scope]
        if found:
            parts += [f"## {title}（`{scope}`）", "", *_contents(found), ""]
            for rule in found:
                parts += [*_rule(rule), ""]
    return "\n".join([*parts, *_tables()]) + "\n"


def _contents(rules: Iterable[Rule]) -> Iterator[str]:
    yield "| 编号 | 规则 | 级别 | 判定 |"
    yield "|---|---|---|---|"
    for rule in rules:
        yield f"| {rule.id} | {rule.name} | {LEVELS[rule.severity]} | {_decided(rule).partition('：')[0]} |"


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id} {rule.name}"
    yield ""
    unsure = "（有的数字尚未核对原文，实际使用前须核对）" if rule.unsure else ""
    yield f"* 级别：{LEVELS[rule.severity]}"
    yield f"* 依据：{rule.cite}{unsure}"
    for demand in rule.demands:
        yield f"* 要求：{sentence(demand)}"
    if not rule.demands:
        yield f"* 要求：{rule.name}。"
    yield f"* 判定：{_decided(rule)}"
    if rule.guards:
        yield f"* 运行时守卫：{'；'.join(_guard(guard) for guard in rule.guards)}"
    if rule.open:
        yield f"* 尚未守住：{rule.open}"
    if rule.since or rule.until:
        yield f"* 有效期：{rule.since or '……'} 至 {rule.until or '……'}"
    yield f"* 怎么办：{rule.advice}"
    for title, example in (("违反的例子", rule.breaks), ("符合的例子", rule.keeps)):
        if example:
            yield from ("", f"{title}：", "", "```text", cleandoc(example.strip("\n")), "```")


def _decided(rule: Rule) -> str:
    if not rule.static:
        return "运行时：图上看不出来，逐案把关"
    if rule.decided_by:
        return DECIDERS[rule.decided_by]
    looks = type(rule).check is not Rule.check
    if rule.demands and looks:
        return "静态证明和图上检查：走遍全部状态，并检查节点属性、表单、文书模板或者规则集"
    if rule.demands:
        return "静态证明：走遍全部状态"
    return "图上检查：检查节点属性、表单、文书模板或者规则集"


def _guard(guard: str) -> str:
    kind, _, code = guard.partition(":")
    return f"`{guard}`（{GATES[code]}）" if kind == "gate" else f"`{guard}`"


def _tables() -> Iterator[str]:
    yield "## 环节标签"
    yield ""
    yield "内部图和外部图用同一组标签（扩展属性 `xq:step`）；标签可以用点号细分，`decide.*` 指其下的全部标签。"
    for group, steps in STEPS.items():
        yield from ("", f"### {group}", "", "| 标签 | 环节 |", "|---|---|")
        yield from (f"| `{tag}` | {what} |" for tag, what in steps.items())
    yield from ("", "## 规则使用的属性", "", "| 属性 | 含义 |", "|---|---|")
    yield from (f"| `{key}` | {what} |" for key, what in ATTRIBUTES.items())
