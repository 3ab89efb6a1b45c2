"""Diagrams drawn with other tools are read as what they mean."""

from pathlib import Path

import pytest

from app.verify import reader
from app.verify.game import Game
from app.verify.net import Net
from app.verify.refusals import notes, refusals

FOLDER = Path(__file__).parent / "foreign"


def load(name: str) -> tuple[reader.Process, ...]:
    return reader.read((FOLDER / f"{name}.bpmn").read_bytes())


def play(process: reader.Process, *moves: str, **values: int) -> Game:
    game = Game(Net(process), lambda text, known: bool(eval(text, {}, dict(known))), values)  # noqa: S307
    for move in moves:
        game.play(move)
    return game


@pytest.mark.parametrize("name", ["camunda", "signavio", "flowable", "activiti"])
def test_nothing_of_a_plain_diagram_is_refused(name):
    (process,) = load(name)
    assert refusals(process) == []


def test_camunda_lanes_conditions_and_errors():
    (process,) = load("camunda")
    assert process.nodes["Task_approve"].lane == "审批岗"
    assert process.nodes["Task_notice"].lane == "执法队"
    assert process.flows["Flow_3"].condition == "fine >= 1000"
    assert process.nodes["Boundary_1"].events == (reader.Event("error", "", "E1"),)
    assert play(process, "Task_notice", fine=1000).live() == ["Task_approve"]
    # A service task that may fail takes its time.
    assert play(process, "Task_notice", fine=1).moves() == ["Boundary_1", "Task_book"]
    assert play(process, "Task_notice", "Boundary_1", fine=1).finished()


def test_camunda_pools_and_messages():
    found = reader.collaboration(reader.parse((FOLDER / "camunda.bpmn").read_bytes()))
    assert found.participants == {"Participant_office": "Process_fine", "Participant_party": ""}
    assert [(m.source, m.target, m.name) for m in found.messages] == [
        ("Task_notice", "Participant_party", "告知书")
    ]


def test_signavio_sub_process_without_start_and_with_instances():
    (process,) = load("signavio")
    game = play(process, "sid-0011")
    assert game.moves() == ["sid-0013"]
    game.play("sid-0013")
    assert game.finished()
    assert [note.code for note in notes(process)] == ["multi_instance"]


def test_flowable_with_byte_order_mark_and_without_redundant_children():
    (process,) = load("flowable")
    assert play(process).moves() == ["papers", "site"]
    assert play(process, "site").moves() == ["papers"]
    assert play(process, "site", "papers").finished()


def test_activiti_types_prefixed_references_and_shared_definitions():
    (process,) = load("activiti")
    assert process.nodes["_3"].tag == "userTask"
    assert process.nodes["_6"].events == (reader.Event("timer", "timeDuration", "10d"),)
    assert (process.nodes["_7"].called, process.nodes["_8"].attached) == ("supervise", "_7")
    assert not process.nodes["_8"].interrupting
    assert play(process, "_3").moves() == ["_5", "_6"]
    assert play(process, "_3", "_5").finished()
    assert play(process, "_3", "_6", "_8").live() == ["_7"]
    assert [note.code for note in notes(process)] == ["called_contract"]


def test_several_processes_of_one_file_are_refused_by_name():
    office, other = load("bpmn_io")
    assert (office.siblings, other.siblings) == (("other",), ("office",))
    assert [(r.code, r.element) for r in refusals(office)] == [("several_processes", "office")]
