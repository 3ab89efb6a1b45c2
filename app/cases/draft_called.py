"""What a draft calls, laid into its internal diagram for the proof, and where what is found inside is drawn. Pure."""

from collections.abc import Mapping, Sequence

from app.diagrams import service as diagrams
from app.kernel.errors import Invalid

Parts = Mapping[str, str]


def laid_in(parts: Parts) -> tuple[Parts, Mapping[str, str], Sequence[str]]:
    """The files with what the internal diagram calls in its place, where what stands inside is drawn, and why calls
    cannot be carried out. What cannot be read is told where the diagram itself is read."""
    path = diagrams.tree.INTERNAL
    if path not in parts:
        return parts, {}, ()
    called = diagrams.calls.in_tree(parts)
    wrong: Sequence[str] = ()
    try:
        wrong = diagrams.calls.problems(parts[path], called)
        whole = diagrams.calls.linked(parts[path].encode(), called)
    except Invalid:
        return parts, {}, wrong
    return {**parts, path: whole.decode()}, diagrams.calls.shown_at(whole), wrong


def drawn_at(elements: Sequence[str], drawn: Mapping[str, str]) -> list[str]:
    """The elements as the internal diagram shows them: what is inside a called process at its call."""
    return list(dict.fromkeys(drawn.get(element, element) for element in elements))
