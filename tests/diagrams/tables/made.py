"""Small tables and rule sets for tests."""

from typing import Any

from app.diagrams.tables import Column, Row, Table, write

RULES: dict[str, Any] = {
    "key": "test",
    "name": "测试程序",
    "kind": "penalty",
    "attributes": {
        "party": {
            "type": "choice",
            "options": ["person", "organisation"],
            "default": "person",
            "label": "当事人类型",
        },
        "fine": {"type": "number", "default": 0, "label": "罚款金额（元）"},
        "times": {"type": "number", "default": 1, "label": "一年内被处罚次数"},
        "harsh": {"type": "boolean", "default": False, "label": "吊销许可证件"},
    },
    "params": {
        "major_person": {
            "value": 10000,
            "label": "公民较大数额罚款",
            "source": "《市场监督管理行政处罚听证办法》第五条",
        },
        "major_organisation": {"value": 100000, "label": "法人较大数额罚款"},
    },
}
KINDS = {"party": "choice", "fine": "number", "times": "number", "harsh": "boolean"}


def table(
    inputs: str,
    outputs: dict[str, str],
    *rows: str,
    policy: str = "UNIQUE",
    name: str = "t",
    kinds: dict[str, str] | None = None,
    whole: tuple[str, ...] = (),
) -> Table:
    """A table from words: `inputs` the attributes, `outputs` name -> type, a row `cell | cell => result | result`."""
    found = []
    for number, text in enumerate(rows, 1):
        cells, _, results = text.partition("=>")
        found.append(
            Row(
                f"row_{number}",
                number,
                tuple(cell.strip() for cell in cells.split("|")),
                tuple(result.strip() for result in results.split("|")),
            )
        )
    asked = tuple(
        Column(f"in_{each}", each, (kinds or KINDS)[each], each, whole=each in whole)
        for each in inputs.split()
    )
    given = tuple(Column(f"out_{each}", each, kind, each) for each, kind in outputs.items())
    return Table(name, name, policy, asked, given, tuple(found))


MAJOR = table(
    "party fine harsh",
    {"major": "boolean"},
    '"person" | >= major_person | - => true',
    '"organisation" | >= major_organisation | - => true',
    "- | - | true => true",
    policy="COLLECT",
    name="major",
)
TIERS = table(
    "times",
    {"tier": "choice", "low": "number", "high": "number"},
    '1 => "从轻" | 2000 | 8000',
    '2 => "一般" | 8000 | 14000',
    '>= 3 => "从重" | 14000 | 20000',
    name="tiers",
    whole=("times",),
)


def dmn(*tables: Table) -> dict[str, str]:
    """Tables as a bundle holds them."""
    return {each.name: write(each) for each in tables}
