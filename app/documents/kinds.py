"""What a person should know of a kind of document before it is issued."""

from dataclasses import dataclass

from . import own
from .own import NONE, Own


@dataclass(frozen=True, slots=True)
class Kind:
    """What a person should know of a kind of document before it is issued."""

    code: str
    name: str
    numbered: bool
    type_char: str
    served: bool
    copies: int


def kind(code: str, templates: Own = NONE) -> Kind:
    """The kind of document under a code; `templates` are those of the version that is asked about.

    Raises:
        DocumentError: there is no such template, or it is wrong.
    """
    found = own.found(code, templates)
    return Kind(code, found.name, bool(found.type_char), found.type_char, found.seal, found.copies)
