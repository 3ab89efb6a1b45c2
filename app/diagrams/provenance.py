"""How a version came into the house: shipped with the release, or approved by a case of publication."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import yaml

from app.kernel.errors import Refused

SHIPPED = Path(__file__).parent / "data" / "shipped.yaml"
ARTICLE = "《规范行政权力网上运行的规定》八：流程变动经审核方可发布（S4-8）；未经审核不得行使（S4-50）"
_UNAPPROVED = (
    "流程“{key}”的这些内容既不是本版平台随附的，也没有经过送审批准，不能发布。"
    "请在流程工作室中导入为草稿（script/xq procedure import），送审通过后由系统发布。"
)


class Origin(StrEnum):
    """Where a version comes from. Nothing else can be started."""

    EARLIER = (
        "earlier"  # published through the gate by a release in which versions did not say whence they came
    )
    SHIPPED = "shipped"  # its content is that of a procedure of the release
    APPROVED = "approved"  # published by the case that approved exactly this content


@dataclass(frozen=True, slots=True)
class Provenance:
    """`note` is the release that shipped the version, or the number of the case that approved it, whose id is
    `case_id`."""

    origin: Origin
    note: str
    case_id: int | None = None


def approved(case_id: int, case_no: str) -> Provenance:
    """Approved by this case."""
    return Provenance(Origin.APPROVED, case_no, case_id)


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, str]:
    """The digest of every procedure as this release ships it, by its key."""
    return yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["procedures"]


HEAD = (
    "# What this release ships: the digest of every procedure's bundle, by its key. Only these may be published"
    " without a\n# case of approval. Written by `script/xq procedure shipped --write`; a test holds it to the folders.\n"
)


def write_shipped(found: Mapping[str, str]) -> None:
    """Write the list anew, when a release is made."""
    lines = "".join(f"  {key}: {digest}\n" for key, digest in found.items())
    SHIPPED.write_text(f"{HEAD}procedures:\n{lines}", encoding="utf-8")
    shipped.cache_clear()


def of_release(key: str, digest: str, release: str) -> Provenance:
    """Shipped with the release.

    Raises:
        Refused: the release ships no such content.
    """
    if shipped().get(key) != digest:
        raise Refused(_UNAPPROVED.format(key=key), code="unapproved", article=ARTICLE)
    return Provenance(Origin.SHIPPED, release)


UNTOLD = Provenance(Origin.EARLIER, "")
"""Of the versions of earlier releases."""
