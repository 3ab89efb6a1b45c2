"""A signer who can answer no more (left, suspended) or must not have (recused) drops out of the rounds of a task.

Nothing takes effect by that: a task that was handed in goes back to its assignee, who hands it in anew and asks whoever
is left, or somebody else.
"""

from typing import TYPE_CHECKING

from . import acts, sign_rules, signing
from .models import PartState, SignRound, WorkItem, WorkStatus
from .sign_models import RoundKind, RoundRule, RoundState

if TYPE_CHECKING:
    from .locking import Running

STANDING = (RoundState.OPEN, RoundState.AGREED)


def drop(running: "Running", work: WorkItem, officer_id: int, reason: str, answered: bool = False) -> bool:
    """Take somebody out of the rounds of a waiting task; whether they were in one. `answered`: what they answered in a
    round whose task has not taken effect does not count either. It stays in the record, and they have taken part."""
    session = running.session
    rounds = {found.id: found for found in signing.rounds_of(session, work.id)}
    left = set()
    for member in signing.members_of(session, list(rounds)):
        standing = rounds[member.round_id or 0].state in STANDING
        counts = member.state == PartState.DONE and answered and standing
        if member.officer_id == officer_id and (member.state == PartState.OPEN or counts):
            member.state = PartState.REMOVED
            member.said = {**(member.said or {}), "removed": reason}
            left.add(member.round_id)
    if not left:
        return False
    session.flush()
    for number in sorted(left):
        _reckon(running, rounds[number], reason)
    running.sign_rounds = signing.rounds_of(session, work.id)
    failed = any(f.state == RoundState.FAILED and not f.dealt for f in running.sign_rounds)
    if work.status == WorkStatus.SIGNING or (work.status == WorkStatus.COSIGN and failed):
        acts.give_back(running, work)
    else:
        work.version += 1
    return True


def _reckon(running: "Running", found: SignRound, reason: str) -> None:
    """What is left of a round: without members it ends, a vote must be taken anew, else those who are left decide."""
    members = signing.members_of(running.session, [found.id])
    if found.state in STANDING and (
        not members or (found.rule == RoundRule.VOTE and found.state == RoundState.AGREED)
    ):
        signing.cancel(running, found, reason)
    elif found.state == RoundState.OPEN:
        signing.settle(running, found)
    elif (
        found.state == RoundState.AGREED and found.kind != RoundKind.AFTER
    ):  # those after are asked anew anyway
        stances = [m.stance for m in members if m.state == PartState.DONE]
        outcome = sign_rules.settled(found.rule, found.percent, stances, len(members) - len(stances))
        if outcome != RoundState.AGREED:
            signing.decide(running, found, outcome or RoundState.OPEN)
