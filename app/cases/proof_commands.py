"""`script/xq verify`: prove a procedure lawful, from files, without a database."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from app.diagrams import service as diagrams
from app.diagrams import tables as decision_tables
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT
from app.verify.findings import Finding
from app.verify.proof import Proof

from . import former, proving

FOUND, UNREADABLE = 1, 2
_File = click.Path(path_type=Path)


@click.command(
    help="证明流程合法：外部流程图、内部流程图，规则文件或者流程代码。没有阻断问题以 0 退出，有以 1，不能读取以 2。"
)
@click.argument("external", metavar="外部流程图", type=_File)
@click.argument("internal", metavar="内部流程图", type=_File)
@click.option("--rules", "rule_set", metavar="规则", help="规则文件（rules.yaml）或者 bpmn/ 下的流程代码")
@click.option(
    "--against",
    metavar="原版本",
    help="只能比它更严的原版本：流程文件夹，或者 bpmn/ 下的流程代码；不写时与同代码的随附流程比较",
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出结论、问题、反例路径和时限余量")
def verify(external: Path, internal: Path, rule_set: str | None, against: str | None, as_json: bool) -> None:
    try:
        inner, outer = _whole(_read(internal)), _read(external)
        rules, tables = _rules(rule_set, internal)
        forms = _forms(inner)
        proof = proving.proven(*proving.subject_of(inner, outer, rules, forms, tables=tables))
        compiled = decision_tables.compiled_in(rules, tables)
        looser = former.findings(_formers(against, compiled), compiled, inner)
        proof = proving.with_findings(proof, looser)
    except Invalid as error:
        if as_json:
            click.echo(json.dumps({"error": error.message, "code": error.code}, ensure_ascii=False))
        else:
            click.echo(f"不能读取：{error.message}", err=True)
        sys.exit(UNREADABLE)
    if as_json:
        click.echo(json.dumps(proving.account(proof), ensure_ascii=False, indent=1))
    else:
        _tell(proof)
    sys.exit(FOUND if proof.blocking else 0)


def _formers(given: str | None, rules: Mapping[str, Any]) -> list[former.Former]:
    """What the procedure may only be tighter than, where it is known: the folder or procedure named, else the shipped
    procedure of the same key."""
    folder = Path(given) if given else _shipped(str(rules.get("key", "")))
    if given and not folder.is_dir():
        folder = _shipped(given)
    if not (folder / "rules.yaml").is_file() or not (folder / "internal.bpmn").is_file():
        if given:
            raise Invalid(f"“{given}”不是流程文件夹，也不是随附的流程代码。", code="file")
        return []
    before = _whole(_read(folder / "internal.bpmn"))
    known, tables = _rules(str(folder / "rules.yaml"), folder / "internal.bpmn")
    return [former.from_parts(f"“{known.get('name', given)}”原版本", known, tables, before)]


def _shipped(key: str) -> Path:
    folder = (ROOT / "bpmn" / key).resolve()
    return folder if key and folder.is_relative_to(ROOT / "bpmn") else Path("/nonexistent")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Invalid(f"文件“{path}”打不开：不存在，或者没有读取的权限。", code="file") from None


def _whole(internal: bytes) -> bytes:
    """The diagram with the shared sub-procedures it calls, as they lie below `bpmn/shared`.

    Raises:
        Invalid: one is missing, or calls itself.
    """
    called = diagrams.calls.reached(internal, diagrams.calls.of_release())
    if wrong := diagrams.calls.problems(internal, called):
        raise Invalid("；".join(wrong), code="called")
    return diagrams.calls.linked(internal, called)


def _rules(given: str | None, internal: Path) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """The rule set named, with the decision tables beside it; without a name the one beside the internal diagram."""
    beside = internal.parent / "rules.yaml"
    path = beside if given is None else Path(given)
    if given is not None and not path.is_file():
        path = ROOT / "bpmn" / given / "rules.yaml"
        if not path.resolve().is_relative_to(ROOT / "bpmn") or not path.is_file():
            raise Invalid(f"没有规则文件或者流程代码“{given}”。", code="file")
    if not path.is_file():
        raise Invalid("内部流程图旁边没有 rules.yaml，请用 --rules 指明规则。", code="file")
    try:
        found = yaml.safe_load(_read(path))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"规则文件“{path}”格式不对：{error}", code="rules") from None
    if not isinstance(found, Mapping):
        raise Invalid(f"规则文件“{path}”必须是“名称: 内容”的对象。", code="rules")
    beside = {file.stem: _read(file) for file in sorted((path.parent / "tables").glob("*.dmn"))}
    try:
        return found, {name: content.decode() for name, content in beside.items()}
    except UnicodeDecodeError:
        raise Invalid("决策表不是 UTF-8 编码，请用 UTF-8 重新导出。", code="encoding") from None


def _forms(internal: bytes) -> dict[str, Mapping[str, Any]]:
    """The forms a diagram names, as far as they are there; the rules tell what is missing."""
    found = {}
    for key in diagrams.form_keys(internal):
        path = (ROOT / "forms" / f"{key}.json").resolve()
        if not path.is_relative_to(ROOT / "forms") or not path.is_file():
            continue
        try:
            found[key] = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise Invalid(f"表单“{key}”格式不对：{error}", code="form") from None
    return found


def _tell(proof: Proof) -> None:
    if proof.proven and not proof.findings:
        click.echo(f"已证明：{proof.states} 个状态，没有问题。")
        return
    verdict = (
        "有阻断问题，不能发布"
        if proof.blocking
        else "已证明"
        if proof.proven
        else "没有阻断问题，但有不能证明的"
    )
    click.echo(f"{verdict}：{proof.states} 个状态，{len(proof.findings)} 处。")
    for number, finding in enumerate(proof.findings, 1):
        _finding(number, finding)


def _finding(number: int, finding: Finding) -> None:
    where = "外部流程" if finding.diagram == "external" else "内部流程"
    click.echo(f"\n{number}. ［{proving.LEVELS[finding.severity]} {finding.rule}］{finding.message}")
    if finding.elements:
        click.echo(f"   {where}：{'、'.join(finding.elements)}")
    if finding.cite:
        click.echo(f"   依据：{finding.cite}")
    names = [step.name for step in finding.trace if step.name]
    if names:
        click.echo(f"   路径：{' → '.join(names)}")
