"""Forget old backups, chain by chain, with the log and the files that nothing kept needs."""

import shutil
from datetime import datetime, timedelta

from . import content, wal
from .manifest import Kind, Manifest
from .place import Place


def prune(place: Place, now: datetime, keep_full: int, keep_days: int, stored: set[str]) -> list[str]:
    """Remove every chain that is neither among the newest `keep_full` nor reaches into the last `keep_days`;
    the ids removed. `stored` are the digests the platform's file store holds now.
    """
    place.check()
    with place.lock():
        place.clean()
        chains: list[list[Manifest]] = []
        for each in place.all():
            if each.kind == Kind.INCREMENTAL and chains:
                chains[-1].append(each)
            else:
                chains.append([each])
        limit = now - timedelta(days=keep_days)
        kept = [
            c for n, c in enumerate(chains) if n >= len(chains) - max(1, keep_full) or c[-1].moment >= limit
        ]
        removed = [each.id for chain in chains if chain not in kept for each in reversed(chain)]
        for ident in removed:
            # the manifest first: a backup half removed does not exist
            (place.backups / ident / "manifest.json").unlink()
            shutil.rmtree(place.backups / ident)
        if removed and kept:
            _log(place, kept)
            _files(place, kept, stored)
        return removed


def _log(place: Place, kept: list[list[Manifest]]) -> None:
    physical = [chain[0] for chain in kept if chain[0].kind != Kind.DUMP]
    if physical:
        oldest = physical[0]
        for segment in wal.sealed(place.wal):
            if (segment.timeline, segment.number) < (oldest.timeline, wal.number_at(oldest.start_lsn)):
                segment.path.unlink()


def _files(place: Place, kept: list[list[Manifest]], stored: set[str]) -> None:
    """A file may go when no kept backup lists it, the store has it no more, and it was copied before the
    oldest kept backup: a later copy may belong to a commit of the log in between."""
    listed = {name for chain in kept for each in chain for name in place.listed(each)}
    oldest = kept[0][0].begun.timestamp()
    for digest in set(content.digests(place.files)) - listed - stored:
        path = content.path(place.files, digest)
        if path.stat().st_mtime < oldest:
            path.unlink()
