"""A case's file leaves the platform as a ZIP: a stranger with Python alone finds whatever was bent."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath

import pytest
from sqlalchemy import select, text

from app.archive import contents, export
from app.archive.package import verify as script
from app.audit import anchors
from app.cases.models import Case, Submission
from app.catalogue import item_versions
from app.catalogue.models import PowerItem
from app.documents.models import Document
from app.kernel import files

from .conftest import PAPER
from .test_chain import change, entry, rewrite, stored


def packed(session, case_id) -> bytes:
    session.flush()
    session.expire_all()
    file = io.BytesIO()
    export.write(session, case_id, file)
    return file.getvalue()


def checked(path: Path, *argument: str) -> tuple[int, str]:
    """Run the script that came with the file, in isolation, as a stranger would."""
    told = subprocess.run(
        [sys.executable, "-I", path, *argument], capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert told.stderr == ""
    return told.returncode, told.stdout


def opinion(content: bytes, folder: Path) -> tuple[int, list[str]]:
    """What the script inside a ZIP says of it: exit code and findings. Imported, to spare a process each."""
    (path := folder / "case.zip").write_bytes(content)
    check = script.Check(script.Source(path))
    check.run()
    return len(check.wrong), check.wrong


def bent(content: bytes, **changes: bytes | None) -> bytes:
    """The ZIP with files replaced (None: left out), its list of contents made to fit."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    for name, part in changes.items():
        if part is None:
            parts.pop(name)
        else:
            parts[name] = part
    manifest = json.loads(parts[export.MANIFEST])
    manifest["files"] = {
        name: {"sha256": files.hashlib.sha256(part).hexdigest(), "size": len(part)}
        for name, part in parts.items()
        if name not in (export.MANIFEST, export.SIGNATURE)
    }
    parts[export.MANIFEST] = contents.readable(manifest)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


@pytest.fixture(scope="package")
def exported(town, whole, tmp_path_factory) -> bytes:
    """The file of the finished case as the platform gives it out."""
    with town.read() as session:
        return packed(session, whole["done"])


def lines_of(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("record.jsonl").splitlines(keepends=True)


@pytest.mark.requirement("S3-11", part="导出包自校验")
def test_a_stranger_checks_the_folder_and_the_zip(exported, tmp_path):
    (tmp_path / "case.zip").write_bytes(exported)
    with zipfile.ZipFile(tmp_path / "case.zip") as archive:
        archive.extractall(tmp_path / "folder")
    code, told = checked(tmp_path / "folder" / "verify.py")
    assert (code, "全部相符" in told) == (0, True), told
    assert "不能离线核验" in told
    code, told = checked(tmp_path / "folder" / "verify.py", str(tmp_path / "case.zip"))
    assert (code, "全部相符" in told) == (0, True), told
    (tmp_path / "folder" / "clocks.json").write_text("[]")
    code, told = checked(tmp_path / "folder" / "verify.py")
    assert code == 1
    assert "文件与清单的摘要不符：clocks.json" in told


def test_the_script_needs_nothing_but_an_old_python():
    import ast

    source = Path(script.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert names <= {"hashlib", "json", "re", "sys", "zipfile", "pathlib"}
    assert len(source.splitlines()) < 270


def test_everything_of_the_case_is_in_the_file(exported, town, whole):
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        names = archive.namelist()
        page = archive.read("index.html").decode()
        case = json.loads(archive.read("case.json"))
    assert len([n for n in names if n.endswith(".pdf")]) == len(case["documents"])
    assert len([n for n in names if n.startswith("submissions/")]) == len(case["submissions"]) > 20
    assert json.loads(zipfile.ZipFile(io.BytesIO(exported)).read("anchors.json"))
    assert case["no"] in page
    assert "“法制审核”" in page
    assert "法制审核岗" in page
    assert "法制审核通过＝是" in page
    assert "<script" not in page
    assert "导出案卷" in page


def test_the_file_holds_the_item_as_the_case_was_opened_on_it(exported, town, whole, tmp_path):
    """Later versions change nothing of it; the record's first entry names it by its digest."""
    with town.read() as session:
        case = session.get_one(Case, whole["done"])
        [version] = item_versions.approved(session, case.item_id)
        later = item_versions.taken_over(session, session.get_one(PowerItem, case.item_id), "文件录入")
        later.number, later.name, later.effective_on = 2, "改了名称的事项", date(2031, 5, 1)
        content = packed(session, case.id)
        name, digest, basis = version.name, version.digest, list(version.basis)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        item = json.loads(archive.read("item.json"))
        first = json.loads(archive.read("record.jsonl").split(b"\n")[0])
        page = archive.read("index.html").decode()
    assert (item["says"]["name"], item["says"]["basis"], item["number"]) == (name, basis, 1)
    assert item["code"] == "ZZ-02-STHJ-004"
    assert (item["effective_on"], item["until"]) == (None, "2031-05-01")
    assert item["digest"] == first["content"]["item_version"] == digest
    assert "第 1 版，录入时已施行，至2031年5月1日以前" in page
    assert basis[0] in page
    assert opinion(content, tmp_path) == (0, [])
    item["says"]["basis"] = ["《演示条例》第一条"]
    _, wrong = opinion(bent(content, **{"item.json": contents.readable(item)}), tmp_path)
    assert wrong == ["事项版本 item.json 的内容与其摘要不符"]
    _, wrong = opinion(bent(content, **{"item.json": b"{}"}), tmp_path)
    assert wrong == ["办件所依据的事项版本不在案卷中"]


def test_the_same_state_gives_the_same_bytes(exported, town, whole):
    with town.read() as session:
        assert packed(session, whole["done"]) == exported


def test_the_export_is_on_the_record(exported, town, whole):
    last = json.loads(lines_of(exported)[-1])
    assert last["kind"] == "case.exported"
    assert len(last["files"]) == 17


def forged_line(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b'"intake"', b'"deputy"'), *lines[2:]]


@pytest.mark.parametrize(
    ("bend", "told"),
    [
        (forged_line, "第2条记录与摘要不符"),
        (lambda lines: lines[1:], "不在其位"),
        (lambda lines: lines[:7] + lines[8:], "第8条记录不在其位"),
        (lambda lines: lines[:-1], "记录有37条，摘要却有38个"),
        (lambda lines: [*lines[:4], lines[3], *lines[4:]], "第5条记录不在其位"),
        (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], "第5条记录不在其位"),
    ],
)
def test_a_bent_record_is_named(exported, tmp_path, bend, told):
    content = bent(exported, **{"record.jsonl": b"".join(bend(lines_of(exported)))})
    count, wrong = opinion(content, tmp_path)
    assert count, "nothing found"
    assert told in " ".join(wrong)


@pytest.mark.parametrize(
    ("name", "part", "told"),
    [
        ("submissions/*.json", b"{}", "提交的内容 submissions/"),
        ("submissions/*.json", None, "提交的内容 submissions/"),
        ("documents/*.json", b"{}", "文书 documents/"),
        ("documents/*.pdf", b"%PDF", "不在案卷中或被改动"),
        ("documents/99999.json", b"{}", "没有记录的内容"),
        ("files/" + "a" * 64, b"x", "没有记录的文件"),
    ],
)
def test_bent_contents_are_named(exported, tmp_path, name, part, told):
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        name = next((n for n in archive.namelist() if PurePath(n).match(name)), name)
    assert told in " ".join(opinion(bent(exported, **{name: part}), tmp_path)[1])


def test_a_chain_truncated_with_everything_made_to_fit_contradicts_the_anchor(exported, tmp_path):
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        record = json.loads(archive.read("record.json"))
    record["entries"] = record["entries"][:20]
    record["head"] = record["entries"][-1]
    lines = b"".join(lines_of(exported)[:20])
    content = bent(exported, **{"record.jsonl": lines, "record.json": contents.readable(record)})
    assert "被改写或截断" in " ".join(opinion(content, tmp_path)[1])


@pytest.mark.parametrize(
    ("bend", "told"),
    [
        (
            "update record_entry set kind = 'step.sent_back' where case_id = :id and seq = 5",
            "第5条记录与摘要不符",
        ),
        ("delete from record_entry where case_id = :id and seq = 5", "第5条记录不在其位"),
        ("delete from record_entry where case_id = :id and seq > 30", "末条"),
        (
            "update work_item set done_by = done_by + 1 where case_id = :id and node = 'decide'",
            "办理人",
        ),
        ("update document set number = '9号' where case_id = :id and code = 'SH-01'", "文号"),
        ("delete from document where case_id = :id and code = 'DC-19'", "文书 documents/"),
        ('update "case" set attributes = attributes || \'{"major": false}\' where id = :id', "要素"),
    ],
)
def test_what_was_bent_in_the_database_is_found_by_the_stranger(
    exported, forger, whole, tmp_path, bend, told
):
    forger.execute(text(bend), {"id": whole["done"]})
    assert told in " ".join(opinion(packed(forger, whole["done"]), tmp_path)[1])


@pytest.mark.parametrize(
    ("table", "told"), [(Submission, "提交的内容 submissions/"), (Document, "文书 documents/")]
)
def test_sealed_data_that_was_bent_is_found_by_the_stranger(exported, forger, whole, tmp_path, table, told):
    row = forger.scalars(select(table).where(table.case_id == whole["done"])).first()
    row.data = {**row.data, "facts": "另一说"}
    assert told in " ".join(opinion(packed(forger, whole["done"]), tmp_path)[1])


def test_a_rewritten_chain_is_found_by_the_stranger(exported, forger, whole, tmp_path):
    entries = [entry(whole["done"], row) for row in stored(forger, whole["done"])]
    rewrite(forger, whole["done"], [replace(entries[0], actor_name="别人"), *entries[1:]])
    assert "锚定之后被改写" in " ".join(opinion(packed(forger, whole["done"]), tmp_path)[1])


def test_an_unreadable_entry_does_not_stop_the_export(exported, forger, whole, tmp_path):
    change(forger, whole["done"], 7, packed=b"\x01\x00nonsense")
    count, wrong = opinion(packed(forger, whole["done"]), tmp_path)
    assert count
    assert "第7条" in " ".join(wrong)


def test_an_exchanged_or_lost_file_is_found_by_the_stranger(town, whole, forger, tmp_path):
    export.enter(forger, whole["under_way"])
    assert opinion(packed(forger, whole["under_way"]), tmp_path) == (0, [])
    digest = files.hashlib.sha256(PAPER).hexdigest()
    path = Path(files._store()[1]) / digest[:2] / digest
    path.write_bytes(b"another letter")
    assert "不在案卷中或被改动" in " ".join(opinion(packed(forger, whole["under_way"]), tmp_path)[1])
    path.unlink()
    assert "不在案卷中或被改动" in " ".join(opinion(packed(forger, whole["under_way"]), tmp_path)[1])
    files.put(PAPER)


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", "a\\..\\b", "files/../../outside", "x/y/z", ".."]
)
def test_the_script_reads_no_file_outside(exported, tmp_path, name):
    (tmp_path / "outside").write_text("secret")
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        archive.extractall(tmp_path / "folder")
        manifest = json.loads(archive.read(export.MANIFEST))
    manifest["files"][name] = {"sha256": files.hashlib.sha256(b"secret").hexdigest(), "size": 6}
    (tmp_path / "folder" / export.MANIFEST).write_text(json.dumps(manifest))
    check = script.Check(script.Source(tmp_path / "folder"))
    check.run()
    assert any("不安全" in line for line in check.wrong)


def test_the_script_follows_no_link(exported, tmp_path):
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        archive.extractall(tmp_path / "folder")
    shutil.move(tmp_path / "folder" / "case.json", tmp_path / "case.json")
    (tmp_path / "folder" / "case.json").symlink_to(tmp_path / "case.json")
    check = script.Check(script.Source(tmp_path / "folder"))
    check.run()
    assert any("case.json" in line for line in check.wrong)


def test_the_platform_knows_its_own_files(town, exported, tmp_path):
    (tmp_path / "mine.zip").write_bytes(exported)
    (tmp_path / "bent.zip").write_bytes(bent(exported, **{"case.json": b"{}"}))
    with town.app.app_context():
        assert export.check(tmp_path / "mine.zip") == []
        assert export.check(tmp_path / "bent.zip") == ["清单的签名不是本平台的"]


@pytest.mark.requirement("S2-58", part="导出须授权并留痕")
def test_only_a_head_of_the_agency_takes_the_file_away(town, whole):
    address = f"/cases/{whole['later']}"
    officer, deputy, stranger = (town.caller(n) for n in ("hb-officer1", "hb-deputy", "cg-head"))
    assert "导出案卷" not in officer.get(address).get_data(as_text=True)
    assert officer.post(f"{address}/export", page="/cases/new").status_code == 403
    assert stranger.post(f"{address}/export", page="/cases/new").status_code == 404
    answer = deputy.post(f"{address}/export", page=address)
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        last = json.loads(archive.read("record.jsonl").splitlines()[-1])
    assert last["kind"] == "case.exported"
    assert last["actor"]["position"] == "deputy"


def test_the_anchors_of_the_file_are_those_of_the_platform(town, exported):
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        told = json.loads(archive.read("anchors.json"))
    with town.read() as session:
        known = {anchor.line for _, anchor in anchors.all_of(session)}
    assert {each["line"] for each in told} <= known
