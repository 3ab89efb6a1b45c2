"""`script/xq doctor`: the machine, the packages, the configuration and the backups, as a report that can be kept."""

import json

import pytest
from click.testing import CliRunner

from app import doctor
from app.doctor import CHECKS, dependencies


@pytest.mark.requirement("S2-56")
def test_the_report_of_the_self_check_can_be_exported(app, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "application", app.app_context)
    file = tmp_path / "自检.json"
    told = CliRunner().invoke(doctor.doctor, ["--report", str(file)])
    assert f"自检报告已写入 {file}" in told.output
    report = json.loads(file.read_text(encoding="utf-8"))
    assert [one["check"] for one in report["checks"]] == [check.__name__ for check in CHECKS]
    assert {"dependencies", "secret", "schema", "backups"} <= {one["check"] for one in report["checks"]}
    assert report["at"].endswith("+08:00")
    for one in report["checks"]:
        assert one["words"] in told.output
    assert report["well"] == (told.exit_code == 0) == all(one["well"] for one in report["checks"])


def test_a_package_of_another_version_is_named(monkeypatch):
    assert dependencies().well
    real = doctor.importlib.metadata.version
    monkeypatch.setattr(
        doctor.importlib.metadata, "version", lambda name: "0.0.1" if name == "flask" else real(name)
    )
    found = dependencies()
    assert not found.well
    assert "flask 应为" in found.words
    assert "现为 0.0.1" in found.words
