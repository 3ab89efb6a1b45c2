"""Entry names become the files Vite made, with their style sheets."""

import json
import os
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.kernel.assets import Manifest

BUILT = {
    "src/main.js": {"file": "assets/main-1.js", "css": ["assets/main-1.css"], "imports": ["_shared.js"]},
    "_shared.js": {"file": "assets/shared-1.js", "css": ["assets/shared-1.css"]},
}


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(BUILT))
    return Manifest(path)


def test_a_name_becomes_the_built_file(manifest: Manifest):
    assert manifest.file("main.js") == "assets/main-1.js"


def test_styles_of_shared_parts_come_first(manifest: Manifest):
    assert manifest.styles("main.js") == ["assets/shared-1.css", "assets/main-1.css"]


def test_a_new_build_is_seen(manifest: Manifest):
    manifest.file("main.js")
    manifest.path.write_text(json.dumps({"src/main.js": {"file": "assets/main-2.js"}}))
    os.utime(manifest.path, (1, 1))
    assert manifest.file("main.js") == "assets/main-2.js"


def test_pages_work_before_the_first_build(tmp_path: Path):
    absent = Manifest(tmp_path / "manifest.json")
    assert absent.file("main.js") == "main.js"
    assert absent.styles("main.js") == []


def test_the_front_door_is_a_chinese_page(client: FlaskClient):
    answer = client.get("/")
    assert answer.status_code in (200, 302)
    if answer.status_code == 200:
        assert 'lang="zh-CN"' in answer.text


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil"])
def test_the_display_switch_never_leads_away(client: FlaskClient, target: str):
    answer = client.get("/display", query_string={"contrast": "high", "next": target})
    assert answer.location == "/"


def test_the_display_switch_is_remembered(client: FlaskClient):
    answer = client.get("/display?contrast=high&size=huge&next=/?a=1")
    assert answer.location == "/?a=1"
    assert client.get_cookie("xq_display").value == "contrast:high"
    assert 'data-contrast="high"' in client.get("/no-such-page", headers={"Accept": "text/html"}).text
