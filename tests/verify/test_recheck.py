"""A proof that uses parts of the last one says exactly what a proof from the beginning says."""

import os
import random
from collections.abc import Callable, Iterator

from lxml import etree

from app.verify.proof import prove
from app.verify.reader import BPMN, XQ
from app.verify.recheck import Session
from tests.verify.pair import Pair
from tests.verify.planted import PLANTED

EDITS = 300 if os.environ.get("XQ_MANY") else 36
PARTS = {"space", "states", "soundness", "demands", "external", "refinement", "budgets"}
SHORT = 3_000
"""States: a diagram that an edit made large is cut short in both proofs alike."""


class Edits:
    """One random edit after the other on a pair; some are taken back."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.pair = Pair()

    def flow(self, root: etree._Element) -> etree._Element:
        return self.dice.choice(list(root.iter(f"{{{BPMN}}}sequenceFlow")))

    def node(self, root: etree._Element) -> etree._Element:
        ends = ("Task", "Gateway", "Event")
        found = [e for e in root.iter() if str(e.tag).startswith(f"{{{BPMN}}}") and str(e.tag).endswith(ends)]
        return self.dice.choice(found)

    def renamed(self, root: etree._Element) -> None:
        element = self.dice.choice((self.flow, self.node))(root)
        element.set("name", self.dice.choice(("", "新名称", f"名称{self.dice.randrange(9)}")))

    def routed(self, root: etree._Element) -> None:
        flow = self.flow(root)
        kinds = ("Task", "Gateway")
        flow.set(
            "targetRef",
            self.dice.choice([e.get("id") for e in flow.getparent() if str(e.tag).endswith(kinds)]),
        )

    def conditioned(self, root: etree._Element) -> None:
        texts = list(root.iter(f"{{{BPMN}}}conditionExpression"))
        chosen, other = self.dice.choice(texts), self.dice.choice(texts)
        chosen.text = self.dice.choice((other.text, f"not ({chosen.text})"))

    def limited(self, root: etree._Element) -> None:
        self.node(root).set(f"{{{XQ}}}limit", f"{self.dice.randrange(1, 40)}{self.dice.choice(('wd', 'd'))}")

    def repeated(self, root: etree._Element) -> None:
        self.flow(root).set(f"{{{XQ}}}rounds", str(self.dice.randrange(1, 4)))

    def stepped(self, root: etree._Element) -> None:
        one, other = self.node(root), self.node(root)
        if step := other.get(f"{{{XQ}}}step"):
            one.set(f"{{{XQ}}}step", step)

    def formed(self, root: etree._Element) -> None:
        one, other = self.node(root), self.node(root)
        if form := other.get(f"{{{XQ}}}form"):
            one.set(f"{{{XQ}}}form", form)

    def ruled(self, root: etree._Element) -> None:
        """The rule set, or a form."""
        rules, dice = self.pair.rules, self.dice
        which = dice.randrange(5)
        if which == 0:
            dice.choice(rules["clocks"])["limit"] = f"{dice.randrange(5, 120)}d"
        elif which == 1:
            entry = dice.choice([e for e in rules["params"].values() if isinstance(e, dict)])
            entry["value"] = entry["value"] + dice.choice((-1, 1, 1000))
        elif which == 2:
            dice.choice(list(rules["attributes"].values()))["label"] = f"属性{dice.randrange(9)}"
        elif which == 3:
            rules["external_returns"] = list(rules.get("external_returns") or ())[1:]
        else:
            form = dice.choice([f for f in self.pair.forms.values() if f.get("writes")])
            form["writes"] = dict(list(form["writes"].items())[1:])

    def one(self) -> str:
        kinds: dict[Callable[[etree._Element], None], int] = {
            self.renamed: 5, self.limited: 4, self.repeated: 2, self.routed: 3, self.conditioned: 3,
            self.stepped: 2, self.formed: 2, self.ruled: 3,
        }  # fmt: skip
        kind = self.dice.choices(list(kinds), list(kinds.values()))[0]
        kind(self.dice.choice((self.pair.inner, self.pair.inner, self.pair.outer)))
        return kind.__name__

    def run(self, number: int) -> Iterator[str]:
        """After each edit; a pair that has seen three begins anew, so that the last proof is far away too."""
        for k in range(number):
            if k % 3 == 0:
                self.pair = Pair()
            yield self.one()


def test_edits_one_after_the_other_give_the_same_proof_either_way():
    session, edits, reused = Session(), Edits(11), 0
    session.prove(edits.pair.subject(), limit=SHORT)
    for kind in edits.run(EDITS):
        subject = edits.pair.subject()
        assert session.prove(subject, limit=SHORT) == prove(subject, limit=SHORT), kind
        reused += len(session.reused)
    assert reused > EDITS  # else nothing was tested


def test_planted_defects_are_found_after_the_sound_pair_and_gone_again():
    session = Session()
    sound = session.prove(Pair().subject())
    assert sound.proven
    for name in sorted(PLANTED)[::16]:
        pair = Pair()
        PLANTED[name][1](pair)
        subject = pair.subject()
        assert session.prove(subject, limit=SHORT) == prove(subject, limit=SHORT), name
        assert session.prove(Pair().subject()) == sound, name


def test_what_an_edit_does_not_touch_is_used_again():
    session = Session()
    session.prove(Pair().subject())
    assert not session.reused
    session.prove(Pair().attribute("register", "limit", "4wd").subject())
    assert session.reused == PARTS - {"budgets"}
    pair = Pair()
    pair.find("register").set("name", "登记")
    session.prove(pair.subject())
    assert session.reused == PARTS - {"budgets"}  # the limit is the old one again
    session.prove(pair.subject())
    assert session.reused == PARTS
    session.prove(pair.skip("check").subject())
    assert session.reused == {"external"}
