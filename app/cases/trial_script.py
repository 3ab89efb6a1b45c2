"""试运行: what is done in a try, as values that can be kept and done again. Pure.

A script says on which item the case is opened, when, and which acts follow: tasks handed in, days that go by. A saved
run is a script together with what came of each act; it is expected to come out the same in every later version.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from app.kernel import clock
from app.kernel.errors import Invalid

MOST_ACTS = 200
REGION = re.compile(r"[0-9]{1,12}")
NODE = re.compile(r"[A-Za-z_][\w.-]{0,99}")
FIRST, LAST = datetime(2019, 1, 1, tzinfo=clock.CHINA), datetime(2099, 12, 31, tzinfo=clock.CHINA)


@dataclass(frozen=True, slots=True)
class Act:
    """One act. With `node` a task is handed in by the stand-in `by` with these answers (raw, as the form reads
    them), and confirmed by the second officer where two are asked for; without, time goes by until `at`.

    `refused` is the code of the refusal that is expected, empty where the act is expected to succeed.
    """

    at: datetime
    node: str = ""
    by: int = 0
    answers: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A try from its beginning. `item` is the power item the case is opened on: `name`, `kind`, `basis`, `content`;
    `region` where its days are counted (another installation that has no such region takes its own); `source` what the
    case that it came out of handed over, empty where it came out of none."""

    opened: datetime
    item: Mapping[str, Any]
    region: str
    acts: tuple[Act, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        """The moment at which it stands."""
        return self.acts[-1].at if self.acts else self.opened


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act: the tasks that wait afterwards, the steps passed so far, the documents it issued, the
    attributes it changed, the code of its refusal."""

    waiting: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    changed: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A saved run: `expected` holds the outcome of opening the case and of every act."""

    name: str
    script: Script
    expected: tuple[Outcome, ...]
    note: str = ""


WRONG = "试运行记录的格式不对，不能再现。请重新试运行并保存。"


def read_script(raw: Any) -> Script:
    """A script as it was kept.

    Raises:
        Invalid: it is none.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("item"), Mapping):
        raise Invalid(WRONG, code="trial")
    acts = raw.get("acts", [])
    if not isinstance(acts, list) or len(acts) > MOST_ACTS:
        raise Invalid(f"一次试运行最多 {MOST_ACTS} 步。", code="trial")
    item = raw["item"]
    if not isinstance(item.get("name"), str) or not isinstance(item.get("content", {}), Mapping):
        raise Invalid(WRONG, code="trial")
    region = raw.get("region")
    if not isinstance(region, str) or not REGION.fullmatch(region):
        raise Invalid(WRONG, code="trial")
    source = raw.get("source", {})
    if not isinstance(source, Mapping):
        raise Invalid(WRONG, code="trial")
    script = Script(_moment(raw.get("opened")), item, region, tuple(read_act(each) for each in acts), source)
    moments = [script.opened, *(act.at for act in script.acts)]
    if moments != sorted(moments):
        raise Invalid("试运行的日期只能向前。", code="trial")
    return script


def read_run(raw: Any) -> Run:
    """A saved run.

    Raises:
        Invalid: it is none.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("expected"), list):
        raise Invalid(WRONG, code="trial")
    script = read_script(raw.get("script"))
    expected = tuple(_outcome(each) for each in raw["expected"])
    if len(expected) != len(script.acts) + 1:
        raise Invalid(WRONG, code="trial")
    return Run(str(raw.get("name") or "")[:60], script, expected, str(raw.get("note") or "")[:500])


def script_values(script: Script) -> dict[str, Any]:
    """A script as JSON values."""
    return {
        "opened": script.opened.isoformat(),
        "item": dict(script.item),
        "region": script.region,
        **({"source": dict(script.source)} if script.source else {}),
        "acts": [
            {name: value for name, value in {**asdict(act), "at": act.at.isoformat()}.items() if value}
            for act in script.acts
        ],
    }


def run_values(run: Run) -> dict[str, Any]:
    """A saved run as JSON values."""
    return {
        "name": run.name,
        "note": run.note,
        "script": script_values(run.script),
        "expected": [
            {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(outcome).items()}
            for outcome in run.expected
        ],
    }


def differences(
    expected: Outcome, found: Outcome, names: Mapping[str, str], labels: Mapping[str, str]
) -> list[str]:
    """In Chinese, what came out differently. `names` are those of the tasks, `labels` of the attributes."""

    def listed(words: Sequence[str]) -> str:
        return "、".join(names.get(word, word) for word in words) or "无"

    def valued(values: Mapping[str, Any]) -> str:
        return "、".join(f"{labels.get(k, k)}={_word(v)}" for k, v in sorted(values.items())) or "无"

    told = []
    if expected.refused != found.refused:
        said = {True: "应当被拒绝，却办成了", False: "应当办成，却被拒绝"}
        told.append(
            said[bool(expected.refused)] if not (expected.refused and found.refused) else "被拒绝的理由不同"
        )
    if expected.waiting != found.waiting:
        told.append(f"随后待办的任务应为：{listed(expected.waiting)}；现为：{listed(found.waiting)}")
    if expected.passed != found.passed:
        lost = [step for step in expected.passed if step not in found.passed]
        more = [step for step in found.passed if step not in expected.passed]
        told.append(f"经过的法定环节不同：缺少 {listed(lost)}，多出 {listed(more)}")
    if expected.documents != found.documents:
        told.append(f"签发的文书应为：{listed(expected.documents)}；现为：{listed(found.documents)}")
    if dict(expected.changed) != dict(found.changed):
        told.append(f"案件属性的变化应为：{valued(expected.changed)}；现为：{valued(found.changed)}")
    return told


def _word(value: Any) -> str:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)


def read_act(raw: Any) -> Act:
    """An act as it was kept.

    Raises:
        Invalid: it is none.
    """
    if not isinstance(raw, Mapping):
        raise Invalid(WRONG, code="trial")
    node, by, answers = raw.get("node", ""), raw.get("by", 0), raw.get("answers", {})
    refused = raw.get("refused", "")
    if not isinstance(node, str) or (node and not NODE.fullmatch(node)):
        raise Invalid(WRONG, code="trial")
    if not isinstance(by, int) or isinstance(by, bool) or not -(2**62) < by <= 0:
        raise Invalid(WRONG, code="trial")
    if not isinstance(answers, Mapping) or not isinstance(refused, str):
        raise Invalid(WRONG, code="trial")
    return Act(_moment(raw.get("at")), node, by, answers, refused)


def _outcome(raw: Any) -> Outcome:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("changed", {}), Mapping):
        raise Invalid(WRONG, code="trial")
    lists = {name: raw.get(name, []) for name in ("waiting", "passed", "documents")}
    if not all(isinstance(v, list) and all(isinstance(w, str) for w in v) for v in lists.values()):
        raise Invalid(WRONG, code="trial")
    made = {name: tuple(words) for name, words in lists.items()}
    return Outcome(**made, changed=raw.get("changed", {}), refused=str(raw.get("refused") or ""))


def _moment(raw: Any) -> datetime:
    try:
        found = datetime.fromisoformat(raw)
    except (TypeError, ValueError):
        raise Invalid(WRONG, code="trial") from None
    aware = found if found.tzinfo else found.replace(tzinfo=clock.CHINA)
    if not FIRST <= aware <= LAST:
        raise Invalid("试运行的日期须在 2019 年至 2099 年之间。", code="trial")
    return aware
