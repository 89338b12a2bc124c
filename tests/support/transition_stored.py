"""What becomes of bytes between a person's word and their publishing: here they may be lost, and elsewhere they change.

1. Only bytes that were agreed to become public, whatever a site has by then; what was seen is not asked for again, and what
   was taken back is not asked for at all.
2. What a person named by its digest alone comes with these bytes, or not at all.
3. Stored bytes that are lost or damaged are never public; whoever begins again gets them anew.
4. A rehost that goes no further says what became of everything that was agreed to.
"""

from collections.abc import Iterator
from functools import cache

from hypothesis.stateful import precondition, rule
from hypothesis.strategies import integers, sampled_from
from tests.support.transition_clock import Clockwork
from tests.support.transition_stage import NAMES, Before, bodies

from homeport.domain.digests import Sha256
from homeport.domain.rehost import State
from homeport.ports.jobs import Job, Work

LOST, DAMAGED, SWAPPED = "lost", "damaged", "swapped"
_OF_STORED_BYTES = {"blob-missing", "blob-damaged"}


class Stored(Clockwork):
    """The rules of stored bytes."""

    def stored(self) -> list[Sha256]:
        """The bytes that are stored for plans, and that no file has."""
        public = {file.digests.sha256 for file in self.tables.files.values()}
        there = {item.sha256 for _, item in self.tables.items.values() if item.sha256 is not None}
        return sorted((there - public) & self.fakes.blobs.kept.keys(), key=str)

    @precondition(lambda self: self.tables.items)
    @rule(which=integers(0, 5), how=sampled_from([LOST, DAMAGED, SWAPPED]))
    def stored_bytes_go_bad(self, which: int, how: str) -> None:
        """A disk loses what was stored for a plan, or gives other bytes back."""
        if stored := self.stored():
            self.go_bad(stored[which % len(stored)], how)

    def go_bad(self, sha256: Sha256, how: str) -> None:
        """These bytes are lost, or are others: what nobody could read, or a file that is as sound."""
        kept = self.fakes.blobs.kept
        body = kept.pop(sha256)
        if how == DAMAGED:
            kept[sha256] = body[:-1] + bytes([body[-1] ^ 1])
        elif how == SWAPPED:
            kept[sha256] = _others()[sha256]

    def worker_did(self, before: Before, job: Job) -> None:
        """Beside all else: whom a worker asked who publishes, and whether it said what became of that."""
        super().worker_did(before, job)
        asked = set(self.fakes.outside.asked[before.asked :])
        if job.work is Work.PUBLISH_REHOST:
            urls = {item.url for of, item in self.tables.items.values() if of == job.rehost_id}
            again = asked & urls - self.awaited.get(job.rehost_id, set())
            assert not again, f"{sorted(again)} were seen, agreed to, and asked for again"
            is_wanted = self.model.agreed[job.rehost_id][-1].is_live
            assert is_wanted or not asked, (
                f"what was agreed to was taken back, and {sorted(asked)} were asked"
            )
        self.require(self._unsaid(job.rehost_id))

    def _unsaid(self, rehost_id: int) -> Iterator[str]:
        rehost = self.tables.rehosts[rehost_id].rehost
        if rehost_id not in self.model.agreed:
            return
        must, files = self.project_of(rehost), self.model.agreed[rehost_id][-1].files
        missing = sorted(name for name, sha256 in files if must.names.get(name) != sha256)
        if rehost.state is State.PUBLISHED and missing:
            yield f"it is said that {missing} came, and they did not"
        if rehost.state is State.PARTLY_PUBLISHED:
            yield from (
                f"nobody says why {name} is missing" for name in missing if name not in rehost.problem
            )
        if rehost.state is State.FAILED and not (rehost.problem and rehost.problem_code):
            yield f"rehost {rehost_id} failed, and says nothing"
        if rehost.problem_code in _OF_STORED_BYTES and not any(name in rehost.problem for name, _ in files):
            yield f"which file is it? {rehost.problem}"


@cache
def _others() -> dict[Sha256, bytes]:
    """By the digest of each variant of a file, the bytes of the other one."""
    pairs = [pair for name in NAMES for pair in bodies(name).values()]
    return {Sha256.of(one): other for pair in pairs for one, other in (pair, pair[::-1])}
