"""What is fired in rows, and taken from one state to the next, is what is fired step by step."""

import itertools

from app.verify import runs
from app.verify.orders import Orders
from app.verify.proof import prove
from app.verify.settling import Settling
from app.verify.space import Space
from app.verify.states import Explorer
from app.verify.steps import Program
from app.verify.subject import build
from tests.verify.random_diagrams import case

LIMIT = 400
"""States: enough of a random procedure to meet all it is made of."""
HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">'


def program_of(seed: int) -> Program:
    drawn = case(seed)
    orders = Orders((("r", demand) for demand in drawn.demands), drawn.subject.names)
    return Program(drawn.subject, drawn.subject.net, orders)


def chain(number: int) -> bytes:
    """A start, service tasks one after the other, an end."""
    nodes = ["s", *(f"t{i}" for i in range(number)), "e"]
    drawn = ['<startEvent id="s"/>', *(f'<serviceTask id="{n}"/>' for n in nodes[1:-1]), '<endEvent id="e"/>']
    for i, (source, target) in enumerate(itertools.pairwise(nodes)):
        drawn.append(f'<sequenceFlow id="f{i}" sourceRef="{source}" targetRef="{target}"/>')
    return (HEAD + "".join(drawn) + "</process></definitions>").encode()


def test_rows_end_where_single_steps_end():
    compared = 0
    for seed in range(60):
        program = program_of(seed)
        space = Explorer(program, LIMIT).run()
        quick, slow = (Settling(Space(program.net, program), LIMIT) for _ in range(2))
        for state in range(1, len(space.order)):
            marking, data = space.marking(state), space.data(state)
            for group in program.grouping.enabled(marking):
                singly = [
                    rest
                    for first in slow.fire(0, group, group.pre, marking, data, (), (), False)
                    for rest in slow._step_by_step(0, first)
                ]
                assert quick.after(0, group, marking, data) == singly, (seed, state, group.node)
                compared += len(singly)
        told = {kind: set(found) for kind, found in quick.space.accidents.items()}
        assert told == {kind: set(found) for kind, found in slow.space.accidents.items()}, seed
        assert quick.fired() | quick.space.fired == slow.fired() | slow.space.fired, seed
    assert compared > 2_000


def test_what_plays_no_part_makes_no_difference():
    taken = 0
    for seed in range(60):
        program = program_of(seed)
        space = Explorer(program, LIMIT).run()
        settling = Settling(Space(program.net, program), LIMIT)
        for state in range(1, len(space.order)):
            marking, data = space.marking(state), space.data(state)
            for group in program.grouping.enabled(marking):
                known = len(settling._rests.get(group, ()))
                assert settling.alike(group, marking, data) == settling.after(0, group, marking, data), seed
                taken += len(settling._rests[group]) == known
    assert taken > 200  # else nothing was taken from another state


def test_a_row_longer_than_most_is_fired_to_its_end():
    number = 3 * runs.MOST + 7
    subject, _ = build(chain(number))
    proof = prove(subject, rules=[])
    assert proof.proven
    program = Program(subject, subject.net, Orders((), subject.names))
    (edge,) = Explorer(program).run().edges[0]
    assert [program.element(k) for k in edge.fired] == ["s", *(f"t{i}" for i in range(number)), "e"]
    rows = runs.Runs(program)
    assert max(len(rows.of(k).fired) for k in range(len(program.transitions))) <= runs.MOST


def test_a_circle_without_anybody_acting_is_told():
    xml = HEAD + (
        '<startEvent id="s"/><exclusiveGateway id="a"/><serviceTask id="b"/>'
        '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="b"/>'
        '<sequenceFlow id="f3" sourceRef="b" targetRef="a"/></process></definitions>'
    )
    proof = prove(build(xml.encode())[0], rules=[])
    assert "livelock" in {finding.rule for finding in proof.blocking}


def test_values_with_which_a_condition_cannot_hold_are_left_out():
    held = left_out = 0
    for seed in range(30):
        program = program_of(seed)
        regions = program.regions
        for guard, truth in itertools.product(program._all_guards(), (True, False)):
            admitted = regions.admitted(guard, truth)
            left_out += bool(admitted)
            names = [name for name in regions.names if name in guard.names]
            for values in itertools.product(*(regions.values[name] for name in names)):
                given = dict(zip(names, values, strict=True))
                if guard.finite and guard.holds(given) is truth:
                    assert all(given[name] in admitted[name] for name in admitted.keys() & given.keys())
                    held += 1
    assert min(held, left_out) > 50
