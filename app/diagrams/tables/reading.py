"""A decision table from its DMN 1.3 text; whatever the platform would not obey to the letter is refused."""

from collections.abc import Iterator

from lxml import etree

from app.kernel.errors import Invalid
from app.verify import reader

from .model import BOOLEAN, CHOICE, COLLECT, NUMBER, UNIQUE, Column, Row, Table

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
XQ = "urn:xingquan:bpmn:1"
KINDS = {"boolean": BOOLEAN, "number": NUMBER, "string": CHOICE}
POLICIES = {"UNIQUE": "唯一", "COLLECT": "汇集"}
MAX_ROWS, MAX_COLUMNS = 200, 20


def _tag(name: str) -> str:
    return f"{{{DMN}}}{name}"


def read(name: str, text: str | bytes) -> Table:
    """The decision table of a file.

    Raises:
        Invalid: no safe XML, no DMN 1.3, not exactly one decision with a decision table, another hit policy
            than UNIQUE or COLLECT, or a row that does not fit its columns. The Chinese message says what to do.
    """
    root = reader.parse(text.encode() if isinstance(text, str) else text)
    if root.tag != _tag("definitions"):
        raise _refused(name, "不是 DMN 1.3 文件，请用 DMN 1.3 格式重新导出")
    decisions = root.findall(_tag("decision"))
    if len(decisions) != 1:
        raise _refused(name, f"应当恰有一个决策，现有 {len(decisions)} 个")
    table = decisions[0].find(_tag("decisionTable"))
    if table is None:
        raise _refused(name, "其中的决策不是决策表（只支持决策表，不支持表达式和函数）")
    policy = table.get("hitPolicy", UNIQUE)
    if policy not in POLICIES:
        raise _refused(name, f"命中策略“{policy}”不支持，只能是唯一（UNIQUE）或者汇集（COLLECT）")
    if policy == COLLECT and table.get("aggregation"):
        raise _refused(name, f"汇集的汇总方式“{table.get('aggregation')}”不支持，请去掉汇总方式")
    if table.get("preferredOrientation", "Rule-as-Row") != "Rule-as-Row":
        raise _refused(name, "只支持一条规则一行的决策表")
    inputs = tuple(_inputs(name, table))
    outputs = tuple(_outputs(name, decisions[0], table))
    if not inputs or not outputs:
        raise _refused(name, "至少要有一个输入和一个输出")
    if max(len(inputs), len(outputs)) > MAX_COLUMNS:
        raise _refused(name, f"列数太多，输入和输出各不超过 {MAX_COLUMNS} 列")
    for columns, what in ((inputs, "输入"), (outputs, "输出")):
        names = [column.name for column in columns]
        if twice := sorted({each for each in names if names.count(each) > 1}):
            raise _refused(name, f"{what}“{'、'.join(twice)}”出现了两次")
    rows = tuple(_rows(name, table, len(inputs), len(outputs)))
    if len(rows) > MAX_ROWS:
        raise _refused(name, f"行数太多，不超过 {MAX_ROWS} 行")
    title = decisions[0].get("name") or name
    return Table(name, title, policy, inputs, outputs, rows, decisions[0].get(f"{{{XQ}}}basis", ""))


def _refused(name: str, why: str) -> Invalid:
    return Invalid(f"决策表“{name}”{why}。", code="table")


def _inputs(name: str, table: etree._Element) -> Iterator[Column]:
    for number, element in enumerate(table.findall(_tag("input")), 1):
        expression = element.find(_tag("inputExpression"))
        text = _text(expression)
        if expression is None or not text:
            raise _refused(name, f"第 {number} 个输入没有选定属性")
        kind = KINDS.get(expression.get("typeRef", ""))
        if kind is None:
            raise _refused(name, f"输入“{text}”的类型“{expression.get('typeRef', '')}”不支持")
        whole = element.get(f"{{{XQ}}}whole") == "true"
        allowed = _text(element.find(_tag("inputValues")))
        yield Column(
            element.get("id") or f"input_{number}", text, kind, element.get("label", ""), allowed, whole
        )


def _outputs(name: str, decision: etree._Element, table: etree._Element) -> Iterator[Column]:
    elements = table.findall(_tag("output"))
    variable = decision.find(_tag("variable"))
    # DMN 1.3, 8.3.3: the only output of a table needs no name of its own
    alone = variable.get("name", "") if variable is not None and len(elements) == 1 else ""
    for number, element in enumerate(elements, 1):
        output = element.get("name") or alone
        if not output.isidentifier() or not output.isascii():
            raise _refused(
                name, f"第 {number} 个输出的名称“{output}”应当以英文字母开头，只含字母、数字和下划线"
            )
        kind = KINDS.get(element.get("typeRef", ""))
        if kind is None:
            raise _refused(name, f"输出“{output}”的类型“{element.get('typeRef', '')}”不支持")
        yield Column(element.get("id") or f"output_{number}", output, kind, element.get("label", ""))


def _rows(name: str, table: etree._Element, inputs: int, outputs: int) -> Iterator[Row]:
    for number, element in enumerate(table.findall(_tag("rule")), 1):
        cells = tuple(_text(each) for each in element.findall(_tag("inputEntry")))
        results = tuple(_text(each) for each in element.findall(_tag("outputEntry")))
        if (len(cells), len(results)) != (inputs, outputs):
            raise _refused(name, f"第 {number} 行的格数与列数不符")
        languages = {each.get("expressionLanguage") for each in element} - {None, "feel", DMN_FEEL}
        if languages:
            raise _refused(
                name, f"第 {number} 行使用了表达式语言“{min(map(str, languages))}”，只支持 FEEL 的条件"
            )
        note = _text(element.find(_tag("description")))
        annotation = element.find(_tag("annotationEntry"))
        note = note or (_text(annotation) if annotation is not None else "")
        yield Row(element.get("id") or f"row_{number}", number, cells, results, note)


DMN_FEEL = "https://www.omg.org/spec/DMN/20191111/FEEL/"


def _text(element: etree._Element | None) -> str:
    """The text of a `text` child, or of the element itself (a description)."""
    if element is None:
        return ""
    inner = element.find(_tag("text"))
    return ((inner if inner is not None else element).text or "").strip()
