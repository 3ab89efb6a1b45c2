"""A procedure as a ZIP: the same bytes for the same content, and nothing comes in that is not exactly one."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from cases.conftest import cheap_hashes, desk, town
from cases.town import Town, actor
from click.testing import CliRunner

from app.cases import packages
from app.cases.package_commands import on_disk
from app.cli import xq
from app.diagrams import package, provenance
from app.diagrams import service as diagrams
from app.diagrams.models import Draft
from app.kernel.errors import Forbidden, Invalid, XingquanError
from app.people import demo as people_demo

__all__ = ["cheap_hashes", "desk", "town"]

KEY = "penalty/ordinary"


@pytest.fixture(scope="module")
def tree() -> dict[str, str]:
    return diagrams.to_tree(diagrams.from_folder(KEY))


@pytest.fixture(scope="module")
def about(tree) -> dict[str, Any]:
    return {
        "key": KEY, "name": "行政处罚普通程序", "number": 1, "digest": diagrams.from_tree(tree).digest, "release": "0.1.0",
    }  # fmt: skip


@pytest.fixture(scope="module")
def made(tree, about) -> bytes:
    return package.write(tree, about)


def again(content: bytes, change=None, **options: Any) -> bytes:
    """The ZIP unpacked and packed anew, by another program as it were; `change` works on its entries."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    if change:
        change(entries)
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", **options) as archive:
        for path, text in entries.items():
            archive.writestr(path, text)
    return found.getvalue()


def test_the_same_content_is_the_same_file(tree, about, made):
    shuffled = dict(sorted(tree.items(), reverse=True))
    assert package.write(shuffled, about) == made


def test_what_is_written_is_read_back(tree, made):
    found = package.read(made)
    assert dict(found.tree) == tree
    assert (found.key, found.number, found.digest) == (KEY, 1, diagrams.from_tree(tree).digest)


def test_a_file_packed_anew_with_compression_and_folders_is_read_too(made, tree):
    def folders(entries):
        entries["forms/"] = b""

    assert dict(package.read(again(made, folders, compression=zipfile.ZIP_DEFLATED)).tree) == tree


def edit(path: str, content: bytes | None):
    def change(entries):
        if content is None:
            del entries[path]
        else:
            entries[path] = content

    return change


def edit_manifest(**values: Any):
    def change(entries):
        entries["manifest.json"] = json.dumps({**json.loads(entries["manifest.json"]), **values}).encode()

    return change


def lie(entries):
    """Another rule set, its own hash mended: the digest of the whole tells."""
    rules = entries["rules.yaml"].replace(b"limit: 15wd", b"limit: 20wd", 1)
    assert rules != entries["rules.yaml"]
    files = json.loads(entries["manifest.json"])["files"]
    edit_manifest(files={**files, "rules.yaml": hashlib.sha256(rules).hexdigest()})(entries)
    entries["rules.yaml"] = rules


WRONG = {
    "an edited diagram": (edit("internal.bpmn", b"<a/>"), "与清单中的摘要不符"),
    "an edited rule set with its hash": (lie, "流程的内容与清单中的摘要不符"),
    "a file too many": (edit("forms/stranger.json", b"{}"), "与清单不一致：forms/stranger.json"),
    "a file too few": (edit("forms/penalty_lead.json", None), "与清单不一致"),
    "a script": (edit("run.sh", b"echo"), "不能有文件“run.sh”"),
    "a way out": (edit("../../etc/cron.d/x", b"x"), "不认识它的位置"),
    "a way out within": (edit("forms/../../x.json", b"{}"), "不认识它的位置"),
    "an absolute path": (edit("/etc/passwd", b"x"), "不认识它的位置"),
    "a Windows path": (edit("forms\\..\\x.json", b"{}"), "不认识它的位置"),
    "no manifest": (edit("manifest.json", None), "缺少 manifest.json"),
    "a manifest that is none": (edit("manifest.json", b"[]"), "不是流程的清单"),
    "a manifest in no JSON": (edit("manifest.json", b"{"), "不是有效的 JSON"),
    "a manifest without files": (edit_manifest(files=None), "与清单不一致"),
    "a manifest without key": (edit_manifest(key=None), "不完整"),
    "a number in words": (edit_manifest(number="one"), "不完整"),
    "a key of the file system": (edit_manifest(key="../../x", digest=""), ""),
    "a later format": (edit_manifest(format=2), "请先升级本平台"),
    "not in UTF-8": (edit("forms/penalty_lead.json", b"\xff\xfe{}"), "不是 UTF-8"),
    "too large a file": (edit("tables/a.dmn", b"x" * 1_600_000), "超过 1464 KB"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_exactly_a_procedure_stays_outside(made, name):
    change, words = WRONG[name]
    with pytest.raises(Invalid) as caught:
        package.read(again(made, change))
    told = caught.value.message + json.dumps(caught.value.errors, ensure_ascii=False)
    assert words in told


def test_a_bomb_is_refused_unopened(made):
    bomb = again(made, edit("runs/a.json", b"0" * 400_000_000), compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 2_500_000
    with pytest.raises(Invalid, match="超过"):
        package.read(bomb)


def test_a_directory_that_lies_about_sizes_is_refused(made):
    bomb = again(made, edit("runs/a.json", b"0" * 5_000_000), compression=zipfile.ZIP_DEFLATED)
    real = (5_000_000).to_bytes(4, "little")
    assert bomb.count(real) == 2
    with pytest.raises(Invalid, match="不能导入"):
        package.read(bomb.replace(real, (10).to_bytes(4, "little")))


def test_many_small_bombs_are_refused_together(made):
    def change(entries):
        entries.update({f"runs/r{n}.json": b"0" * 1_400_000 for n in range(20)})

    with pytest.raises(Invalid, match="全部文件超过 20 MB"):
        package.read(again(made, change, compression=zipfile.ZIP_DEFLATED))


def test_too_many_entries_are_refused_by_the_directory(made):
    with pytest.raises(Invalid, match="超过 600 个"):
        package.read(again(made, lambda e: e.update({f"runs/r{n}.json": b"{}" for n in range(5000)})))


def test_a_name_that_stands_twice_is_refused(made):
    found = io.BytesIO(made)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(found, "a") as archive:
        archive.writestr("rules.yaml", "key: other\n")
    with pytest.raises(Invalid, match="出现了两次"):
        package.read(found.getvalue())


@pytest.mark.parametrize("content", [b"", b"PK", b"%PDF-1.7", b"PK\x05\x06" + b"\0" * 18, b"x" * 26_000_000])
def test_what_is_no_zip_is_refused_in_words(content):
    with pytest.raises(Invalid, match="不能导入"):
        package.read(content)


def test_no_cut_or_spoilt_file_is_more_than_refused(made):
    for place in range(0, len(made), len(made) // 60):
        for spoilt in (made[:place], made[:place] + b"\xff" + made[place + 1 :]):
            try:
                found = package.read(spoilt)
            except XingquanError:
                continue
            assert found.digest == diagrams.from_folder(KEY).digest


# between installations


def test_a_version_goes_out_and_comes_in_as_a_draft(town: Town, tmp_path):
    file = tmp_path / "penalty.zip"
    out = CliRunner().invoke(xq, ["procedure", "export", f"{KEY}@1", str(file)], obj=town.app.app_context)
    assert out.exit_code == 0, out.output
    with town.read() as session:
        name, content = packages.of_version(session, packages.version_named(session, KEY))
    assert file.read_bytes() == content
    assert name == "penalty-ordinary-v1.zip"
    manifest = package.read(content).manifest
    assert manifest["proof"]["block"] == 0
    assert manifest["provenance"]["origin"] == "shipped"
    line = ["procedure", "import", str(file), "--by", "szsf-analyst"]
    came = CliRunner().invoke(xq, line, obj=town.app.app_context, input=f"{people_demo.password()}\n")
    assert came.exit_code == 0, came.output
    with town.read() as session:
        (draft,) = diagrams.drafts.drafts(session, actor(session, "szsf-analyst"))
        assert diagrams.drafts.texts(session, draft.tree) == dict(package.read(content).tree)
        assert draft.agency_id == actor(session, "szsf-analyst").agency_id
        assert draft.base_id == packages.version_named(session, KEY)


def test_only_an_analyst_takes_a_file_in(town: Town, tmp_path, made):
    with pytest.raises(Forbidden):
        town.do(packages.take_in, "hb-head", made)
    file = tmp_path / "a.zip"
    file.write_bytes(made)
    line = ["procedure", "import", str(file), "--by", "hb-head"]
    came = CliRunner().invoke(xq, line, obj=town.app.app_context, input=f"{people_demo.password()}\n")
    assert came.exit_code == 1
    came = CliRunner().invoke(xq, [*line[:-1], "sf-analyst"], obj=town.app.app_context, input="wrong\n")
    assert came.exit_code == 1


def test_a_draft_that_is_not_finished_can_be_carried_too(town: Town):
    def unfinished(session, who):
        draft = diagrams.drafts.start(session, who, "licence/half", "半成品", {"rules.yaml": "key: ["})
        return packages.of_draft(session, draft)

    name, content = town.do(unfinished, "sf-analyst")
    assert name.startswith("licence-half-draft")
    assert package.read(content).digest == ""
    came = town.do(lambda *given: packages.take_in(*given).id, "szsf-analyst", content)
    with town.read() as session:
        assert session.get(Draft, came).name == "半成品"


def test_what_nobody_approved_is_refused_by_the_command(town: Town, monkeypatch):
    from app.cases import commands

    real = diagrams.from_folder(KEY)
    tree = {**diagrams.to_tree(real)}
    tree["internal.bpmn"] = tree["internal.bpmn"].replace("立卷归档", "整理归档")
    monkeypatch.setattr(commands.diagrams, "from_folder", lambda key: diagrams.from_tree(tree))
    answer = CliRunner().invoke(xq, ["procedure", "publish", KEY], obj=town.app.app_context)
    assert answer.exit_code == 1
    assert "没有经过送审批准" in answer.output


def test_the_list_of_what_is_shipped_agrees_with_the_folders():
    assert on_disk() == provenance.shipped(), "script/xq procedure shipped --write"
