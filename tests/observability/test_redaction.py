"""The last fence before the logs."""

import pytest

from app.kernel import identity
from app.kernel.redact import redacted

RESIDENT = "993725196007172230"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"当事人 {RESIDENT} 不存在", RESIDENT),
        (f"id={RESIDENT},x", RESIDENT),
        ("99372519600717223x 的尾号", None),
        ("统一代码91370400XXXG002838。", "91370400XXXG002838"),
        ("旧号码 993725600717223", "993725600717223"),
        ("请拨打13812345678", "13812345678"),
        ("+86 138-1234-5678", "138-1234-5678"),
        ("座机0632-3456789转", "0632-3456789"),
        ("卡号 6222 0212 3456 7890 129", None),
        ("卡号 4111 1111 1111 1111", "4111 1111 1111 1111"),
        ("4111111111111111", "4111111111111111"),
        ("password=hunter22 x", "hunter22"),
        ("{'password': 'hunter22', 'a': 1}", "hunter22"),
        ('{"csrf_token": "abcdef"}', "abcdef"),
        ("Authorization: Bearer abc.def.ghi-jkl", "abc.def.ghi-jkl"),
        ("Cookie: xq_session=abcdefgh", "abcdefgh"),
        ("postgresql://me:geheim@db/x", "geheim"),
        ("XQ_METRICS_TOKEN=s3cr3t", "s3cr3t"),
    ],
)
def test_it_hides(text: str, hidden: str | None) -> None:
    found = redacted(text)
    if hidden is None:
        assert found == text  # its check character is wrong: it is some other number
    else:
        assert hidden not in found
        assert redacted(found) == found


@pytest.mark.parametrize(
    "text",
    [
        "枣环案〔2026〕12号",
        "2026-11-22T10:11:12.345678+00:00",
        "1795312345",
        "1795312345678",
        "case 1234567890123 step 42",
        "a3f09c51d2e84b7786aa51bf0c9d1e22",
        "9e107d9d372bb6826bd81d3542a419d6e107d9d372bb6826bd81d3542a419d61",
        "select * from submission where case_id = %(id)s",
    ],
)
def test_it_leaves_what_is_needed(text: str) -> None:
    assert redacted(text) == text


def test_what_the_database_quotes_is_left_out() -> None:
    told = 'duplicate key value violates unique constraint "uq"\nDETAIL:  Key (name)=(演示·甲) already exists.\nrest'
    assert redacted(told) == 'duplicate key value violates unique constraint "uq"\nrest'


def test_a_list_shows_the_first_six_and_the_last_four() -> None:
    assert identity.masked(RESIDENT) == "993725********2230"
    assert identity.masked("E123") == "****"


@pytest.mark.parametrize("typed", [RESIDENT, "993725 19600717 2230", "９９３７２５１９６００７１７２２３０"])
def test_a_number_is_recognised_however_it_is_typed(typed: str) -> None:
    assert identity.recognised(typed) == RESIDENT


@pytest.mark.parametrize(
    "typed", ["", "枣环案〔2026〕12号", "993725196007172231", "x" * 18, "993725196013172230"]
)
def test_other_words_are_not_numbers(typed: str) -> None:
    assert identity.recognised(typed) is None
