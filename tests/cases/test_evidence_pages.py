"""Evidence through the browser's door: uploads in parts, registering, lists, files in ranges, all kept apart."""

import hashlib
import io
import json
import os
import re

import pytest
from PIL import Image
from sqlalchemy import select

from app.cases.models import Handler, WorkItem
from app.forms.service import chunked
from app.people.models import Account

KEY = iter(f"{n:020d}" for n in range(10_000))


def photo() -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (80, 60), os.urandom(80 * 60 * 3)).save(out, "JPEG")
    return out.getvalue()


class Hand:
    """An officer at a task of a case."""

    def __init__(self, town, login: str, case_id: int, node: str):
        self.browser = town.caller(login)
        self.case_id = case_id
        self.work, _ = town.work(case_id, node)
        self.csrf = self.browser.token("/account")

    @property
    def base(self) -> str:
        return f"/work/{self.work}"

    def get(self, path: str, **options):
        return self.browser.get(path, **options)

    def post(self, path: str, data=None, **options):
        headers = {"X-CSRF-Token": self.csrf, "Accept": "application/json", **options.pop("headers", {})}
        return self.browser.bare_post(f"{self.base}{path}", data, headers=headers, **options)

    def send(self, content: bytes, name: str, **place: str):
        place = {"form": "evidence", "field": "file", **place}
        given = {**place, "key": next(KEY), "name": name, "size": str(len(content))}
        state = self.post("/uploads", given).json
        step = state["part_size"]
        for n in range(-(-len(content) // step)):
            part = self.post(f"/uploads/{state['id']}/parts/{n}", content[n * step : (n + 1) * step],
                             content_type="application/octet-stream")  # fmt: skip
            assert part.status_code == 200, part.json
        return self.post(f"/uploads/{state['id']}/complete", place).json

    def register(self, **given: str):
        told = {
            "title": "现场录像",
            "kind": "视听资料",
            "proves": "违法事实",
            "copy": "original",
            "_key": next(KEY),
        }
        return self.post("/evidence", {**told, **given}, headers={"Accept": "text/html"})


@pytest.fixture(scope="module")
def case_id(town) -> int:
    return town.open("firework-store", "investigate")


@pytest.fixture(scope="module")
def hand(town, case_id) -> Hand:
    found = Hand(town, town_login(town, case_id), case_id, "investigate")
    page = found.get(found.base).get_data(as_text=True)
    if "签收办理" in page:
        found.browser.post(f"{found.base}/claim", {"_key": next(KEY)}, page=found.base)
    return found


def town_login(town, case_id: int) -> str:
    with town.read() as session:
        work = session.get(WorkItem, town_work(town, case_id))
        chosen = select(Account.login).where(Account.officer_id == work.assignee_id)
        return session.scalars(chosen).one()


def town_work(town, case_id: int) -> int:
    return town.work(case_id, "investigate")[0]


@pytest.fixture(scope="module")
def film(hand) -> tuple[bytes, str]:
    """A film of three parts, registered as evidence."""
    content = b"\x00\x00\x00\x18ftypisom" + os.urandom(2 * chunked.limits().part + 1_000_000)
    state = hand.send(content, "执法记录 1.mp4")
    assert hand.register(stored=state["token"]).status_code == 303
    return content, state["digest"]


def test_a_film_sent_in_parts_is_played_in_ranges(hand, film):
    content, digest = film
    path = f"/cases/{hand.case_id}/files/{digest}/content"
    whole = hand.get(path)
    assert (whole.status_code, whole.headers["Accept-Ranges"]) == (200, "bytes")
    assert hashlib.sha256(whole.data).hexdigest() == digest
    assert whole.headers["Content-Length"] == str(len(content))
    for asked, start, stop in (
        ("bytes=0-0", 0, 1),
        ("bytes=300000-700000", 300000, 700001),
        ("bytes=-10", len(content) - 10, len(content)),
        (f"bytes={len(content) - 5}-", len(content) - 5, len(content)),
        (f"bytes=5-{len(content) * 2}", 5, len(content)),
    ):
        answer = hand.get(path, headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(content)}"
        assert answer.data == content[start:stop]
    beyond = hand.get(path, headers={"Range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(content)}")
    assert hand.get(path, headers={"Range": "bytes=0-1,5-6"}).status_code == 200
    assert hand.get(path, headers={"Range": "lines=0-1"}).status_code == 200


def test_a_range_of_another_file_is_answered_with_the_whole(hand, film):
    content, digest = film
    path = f"/cases/{hand.case_id}/files/{digest}/content"
    etag = hand.get(path, headers={"Range": "bytes=0-0"}).headers["ETag"]
    ranged = {"Range": "bytes=0-9"}
    assert hand.get(path, headers={**ranged, "If-Range": etag}).status_code == 206
    assert hand.get(path, headers={**ranged, "If-Range": '"other"'}).status_code == 200
    assert hand.get(path, headers={"If-None-Match": etag}).status_code == 304
    head = hand.browser.client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(content))


def test_it_is_saved_under_the_name_it_came_with(hand, film):
    answer = hand.get(f"/cases/{hand.case_id}/files/{film[1]}/content?save=1")
    assert answer.mimetype == "application/octet-stream"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "%E6%89%A7%E6%B3%95%E8%AE%B0%E5%BD%95%201.mp4" in answer.headers["Content-Disposition"]


def test_the_list_shows_it_with_its_sum_and_that_it_is_not_listed(hand, film):
    page = hand.get(f"/cases/{hand.case_id}/evidence").get_data(as_text=True)
    assert film[1] in page
    assert "还不一致" in page
    assert "未列入清单" in page


def test_a_photograph_has_a_thumbnail_and_a_page(hand):
    state = hand.send(photo(), "现场.jpg")
    assert hand.register(stored=state["token"], title="现场照片", kind="书证").status_code == 303
    path = f"/cases/{hand.case_id}/files/{state['digest']}"
    small = hand.get(f"{path}/thumbnail.png")
    assert (small.status_code, small.mimetype) == (200, "image/png")
    assert "data-viewer" in hand.get(f"{path}/view").get_data(as_text=True)


def test_a_text_is_shown_and_never_run(hand):
    state = hand.send("<script>alert(1)</script>\n第二行".encode(), "笔录.txt")
    assert hand.register(stored=state["token"], title="笔录").status_code == 303
    page = hand.get(f"/cases/{hand.case_id}/files/{state['digest']}/view").get_data(as_text=True)
    assert "&lt;script&gt;alert(1)" in page
    raw = hand.get(f"/cases/{hand.case_id}/files/{state['digest']}/content")
    assert raw.mimetype == "application/octet-stream"
    assert "sandbox" in raw.headers["Content-Security-Policy"]


def test_without_script_a_plain_post_registers_too(hand):
    given = {"title": "照片", "kind": "书证", "proves": "位置", "copy": "original", "_key": next(KEY)}
    answer = hand.browser.bare_post(f"{hand.base}/evidence",
                                    {**given, "_csrf": hand.csrf, "file": (io.BytesIO(photo()), "a.jpg")})  # fmt: skip
    assert answer.status_code == 303


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(hand):
    answer = hand.register(title="", kind="", source="门卫提供")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for text in ("请选择文件。", "证据名称不能为空。", "证据种类不能为空。", 'value="门卫提供"'):
        assert text in page
    state = hand.send(photo(), "留下.jpg")
    assert "留下.jpg" in hand.register(title="", stored=state["token"]).get_data(as_text=True)


def test_files_are_taken_into_the_form_behind_what_stands_there(hand, film):
    page = hand.get(f"{hand.base}/evidence").get_data(as_text=True)
    digests = re.findall(r'name="digest" value="([0-9a-f]{64})" form="take"', page)
    assert film[1] in digests
    for _ in range(2):
        assert hand.post("/evidence/take", {"digest": [film[1]], "_key": next(KEY)}).status_code == 303
    draft = hand.get(hand.base).get_data(as_text=True)
    assert draft.count("执法记录 1.mp4</span>") == 1
    assert "违法事实" in draft


def test_a_token_of_another_place_registers_nothing(hand):
    form_token = hand.send(b"%PDF-1.7 x", "a.pdf", form="", field="evidence")["token"]
    assert form_token
    assert hand.register(stored=form_token).status_code == 422


def test_strangers_find_no_upload_no_list_and_no_file(town, hand, film):
    given = {"form": "evidence", "field": "file", "key": next(KEY), "name": "a.jpg", "size": "900"}
    state = hand.post("/uploads", given).json
    stranger = Hand(town, "szzf-officer1", hand.case_id, "investigate")
    for path in (
        "evidence",
        f"files/{film[1]}/view",
        f"files/{film[1]}/content",
        f"files/{film[1]}/thumbnail.png",
    ):
        assert stranger.get(f"/cases/{hand.case_id}/{path}").status_code == 404
    assert stranger.post("/uploads", given).status_code == 404
    for path in (f"/uploads/{state['id']}/parts/0", f"/uploads/{state['id']}/complete"):
        assert stranger.post(path, b"x" * 900, content_type="application/octet-stream").status_code in (
            404,
            422,
        )
    colleague = Hand(town, other_officer(town, hand), hand.case_id, "investigate")
    assert colleague.get(f"{hand.base}/uploads/{state['id']}").status_code == 404
    assert hand.get(f"{hand.base}/uploads/{state['id']}").json["have"] == []


def other_officer(town, hand) -> str:
    """The second handler of the case."""
    with town.read() as session:
        chosen = select(Account.login).join(Handler, Handler.officer_id == Account.officer_id)
        return session.scalars(chosen.where(Handler.case_id == hand.case_id, Handler.role == "second")).one()


def test_a_part_needs_the_pages_own_token(hand):
    given = {"form": "evidence", "field": "file", "key": next(KEY), "name": "a.jpg", "size": "900"}
    state = hand.post("/uploads", given).json
    answer = hand.post(f"/uploads/{state['id']}/parts/0", b"x" * 900, headers={"X-CSRF-Token": "wrong"},
                       content_type="application/octet-stream")  # fmt: skip
    assert answer.status_code == 403
    large = hand.post(f"/uploads/{state['id']}/parts/0", b"x" * (chunked.limits().part + 2),
                      content_type="application/octet-stream")  # fmt: skip
    assert large.status_code == 413
    assert json.loads(hand.get(f"{hand.base}/uploads/{state['id']}").data)["have"] == []
