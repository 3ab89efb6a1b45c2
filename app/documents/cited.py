"""The words of the shipped templates, for whoever asks which statutes they cite."""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from app.catalogue import service as catalogue

from . import stock, template


def source() -> catalogue.Source:
    """The templates as a source of citations."""
    return catalogue.Source(catalogue.TEMPLATE, _digests, _read)


def _digests(_: Session) -> tuple[str, dict[str, list[str]]]:
    texts = {code: template.text_of(code) or "" for code in template.codes()}
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts.values()]
    return "select * from unnest(cast(:refs as text[]), cast(:digests as text[]))", {
        "refs": list(texts),
        "digests": digests,
    }


def _read(_: Session, refs: Sequence[str]) -> Iterator[catalogue.CitingWords]:
    for code in refs:
        text = template.text_of(code) or ""
        yield catalogue.CitingWords(code, None, f"{code} {template.load(code).name}", stock.wording_of(text))
