"""What is looked at before a draft is sent in, and again before it is published: can it be read, may it run, is it
proven, do its saved runs still pass, and what changes."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import yaml
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.diagrams import service as diagrams
from app.diagrams.rules import parse
from app.kernel.errors import Invalid
from app.verify.findings import Severity
from app.verify.proof import Proof

MOST_ROWS = 50
"""Of a list in the form that is sent in (`forms/publication_draft.json`)."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a saved run came to on a bundle."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two trees: of which part, in words. `path` is the file."""

    path: str
    part: str
    text: str


RunSaved = Callable[[Session, diagrams.Bundle], Sequence[RunResult]]
Compare = Callable[[Mapping[str, str], Mapping[str, str]], Sequence[Change]]


def _no_runner(session: Session, bundle: diagrams.Bundle) -> Sequence[RunResult]:
    """Without a runner nothing may be taken for passed."""
    return [RunResult(name, False, "本平台没有安装试运行，不能重新试运行。") for name in sorted(bundle.runs)]


def files_changed(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Which files differ, for want of a better comparison."""
    found = []
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            what = "新增" if path not in old else "删除" if path not in new else "修改"
            found.append(Change(path, part_title(path, new.get(path) or old[path]), what))
    return found


_run_saved: RunSaved = _no_runner
_compare: Compare = files_changed


def install_saved_runs(run: RunSaved) -> None:
    """Tell publication how the saved runs of a bundle are run again (done once)."""
    global _run_saved
    _run_saved = run


def install_comparison(compare: Compare) -> None:
    """Tell publication how two trees of texts are compared in words (done once)."""
    global _compare
    _compare = compare


KEPT_FOR, MOST_KEPT = 600.0, 8
"""Seconds for which the results of a bundle's runs are taken as they were, and of how many bundles."""
_kept: dict[tuple[RunSaved, str], tuple[float, Sequence[RunResult]]] = {}
"""By who ran them and the digest of the bundle: the same content is not run for every look at the page."""


def _results(session: Session, bundle: diagrams.Bundle, *, anew: bool) -> Sequence[RunResult]:
    """What the saved runs of a bundle come to; `anew` whatever is known."""
    if not bundle.runs:
        return []
    named, now = (_run_saved, bundle.digest), time.monotonic()
    at, found = _kept.get(named, (now - KEPT_FOR - 1, []))
    if anew or now - at > KEPT_FOR:
        found = list(_run_saved(session, bundle))
        _kept[named] = (now, found)
        while len(_kept) > MOST_KEPT:
            del _kept[min(_kept, key=lambda name: _kept[name][0])]
    return found


NAMES = {"external.bpmn": "外部流程图", "internal.bpmn": "内部流程图", "rules.yaml": "规则"}
FOLDERS = {"forms": "表单", "documents": "文书", "tables": "决策表", "runs": "试运行", "called": "被调用流程"}


def part_name(path: str) -> str:
    """A file of a procedure as people call it."""
    folder, _, name = path.partition("/")
    if not name:
        return NAMES.get(path, path)
    ending = "样例" if name.endswith(".sample.json") else ""
    return f"{FOLDERS.get(folder, folder)}{ending} {name.partition('.')[0]}"


def part_title(path: str, text: str) -> str:
    """A file as people call it, with the title it gives itself."""
    called = part_name(path)
    try:
        if path.startswith("forms/"):
            title = json.loads(text)["title"]
        elif path.startswith("documents/") and path.endswith(".yaml"):
            raw = yaml.safe_load(text)
            title = raw.get("name") or raw["title"]
        elif path.startswith("called/"):
            title = diagrams.calls.title(text) or None
        else:
            return called
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, yaml.YAMLError):
        return called  # not readable is said by the check, not here
    if not isinstance(title, str):
        return called
    return f"{called.partition(' ')[0]}“{title}”"


@dataclass(frozen=True, slots=True)
class Check:
    """What was found. `problem` says why the tree is no procedure at all; then nothing else was looked at."""

    problem: str
    bundle: diagrams.Bundle | None
    reasons: Sequence[str]
    account: Mapping[str, Any] | None
    runs: Sequence[RunResult]
    changes: Sequence[Change]
    same: str
    """The published version that has exactly this content; empty: none."""

    @property
    def ready(self) -> bool:
        """Whether it may be sent in, and published."""
        return not (self.problem or self.reasons or self.same or any(not run.passed for run in self.runs))

    @property
    def obstacles(self) -> list[str]:
        """Everything that stands in the way, in words."""
        found = [self.problem] if self.problem else []
        if self.same:
            found.append(f"内容与已发布的{self.same}完全相同，没有变化")
        found += self.reasons
        found += [
            f"试运行“{run.name}”没有通过：{run.detail.rstrip('。')}" for run in self.runs if not run.passed
        ]
        return found

    @property
    def verdict(self) -> str:
        """The proof in one sentence."""
        if self.account is None:
            return "没有证明"
        states = self.account["states"]
        if not self.account["publishable"]:
            return f"有阻断问题：{states} 个状态"
        if self.account["proven"]:
            return f"已证明：{states} 个状态，没有阻断问题"
        return f"没有阻断问题，但有不能证明的事项：{states} 个状态"


def check(
    session: Session,
    key: str,
    tree: Mapping[str, str],
    base: Mapping[str, str],
    origin_id: int | None = None,
    *,
    anew: bool = False,
) -> Check:
    """Look at a tree of texts; `base` is the tree it is compared with, `origin_id` the version it was made from, `anew`
    runs the saved runs even where this content was looked at a moment ago."""
    changes = list(_compare(base, tree)) if base else []
    try:
        bundle = diagrams.from_tree(tree, key)
        rules = parse(bundle.rules, bundle.tables)
    except Invalid as error:
        return Check(error.message.rstrip("。"), None, (), None, (), changes, "")
    reasons, proof = cases.examined(bundle, rules, cases.formers_of(session, key, origin_id))
    if proof is not None:  # what is looser on a legal basis is what those who examine it see first
        changes = [*_loosened(proof), *changes]
    runs = [] if reasons else _results(session, bundle, anew=anew)
    known = next((v for v in diagrams.versions(session) if v.digest == bundle.digest), None)
    return Check(
        "",
        bundle,
        [reason.rstrip("。") for reason in reasons],
        cases.account(proof) if proof else None,
        runs,
        changes,
        f"“{known.key}”第 {known.number} 版" if known else "",
    )


def _loosened(proof: Proof) -> list[Change]:
    return [
        Change("rules.yaml", "放宽", finding.message)
        for finding in proof.findings
        if finding.rule == cases.TIGHTEN and finding.severity is Severity.WARN
    ]


def told(found: Check) -> dict[str, Any]:
    """What the check says, as the form that is sent in states it (and the paper prints it)."""
    account = found.account or {"findings": ()}
    findings = [
        {
            "rule": str(finding["rule"])[:20],
            "level": _level(str(finding["severity"])),
            "message": str(finding["message"])[:500],
        }
        for finding in account["findings"]
    ]
    runs = [
        {"run": run.name[:100], "result": "通过" if run.passed else "不通过", "detail": run.detail[:500]}
        for run in found.runs
    ]
    changes = [{"part": change.part[:100], "text": change.text[:500]} for change in found.changes]
    return {
        "verdict": found.verdict,
        "findings": _bounded(findings, {"rule": "…", "level": "提醒"}, "message"),
        "runs": _bounded(runs, {"run": "…", "result": "通过"}, "detail"),
        "changes": _bounded(changes, {"part": "…"}, "text"),
    }


def _level(severity: str) -> str:
    return next((word for level, word in cases.LEVELS.items() if level.value == severity), severity)


def _bounded(rows: list[dict[str, str]], last: Mapping[str, str], words: str) -> list[dict[str, str]]:
    """No more rows than the form takes: the last one says how many there are besides."""
    if len(rows) <= MOST_ROWS:
        return rows
    rest = len(rows) - MOST_ROWS + 1
    return [*rows[: MOST_ROWS - 1], {**last, words: f"另有 {rest} 项，见任务页的送审内容"}]


def kept(found: Check) -> dict[str, Any]:
    """What the row of the publication keeps of a check."""
    return {
        "account": dict(found.account or {}),
        "runs": [asdict(run) for run in found.runs],
        "changes": [asdict(change) for change in found.changes],
    }
