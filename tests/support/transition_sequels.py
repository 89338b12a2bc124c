"""What follows what people decided: somebody agreed, left, or listens, and then something happens that chance alone rarely puts there.

1. Where nothing but the outside changed since somebody agreed, everything comes, with the bytes that were agreed to.
2. Stored bytes that are gone are said to be gone, and come when somebody begins again.
3. What was agreed to unseen comes when its site has these bytes.
"""

from collections.abc import Callable
from datetime import timedelta

from hypothesis.stateful import precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from
from tests.support.transition_clock import AWAY
from tests.support.transition_episodes import Episodes
from tests.support.transition_hooks import ITS_OWN, MINE, MOST_HOOKS
from tests.support.transition_model import CACHE, EXT
from tests.support.transition_people import PROJECT
from tests.support.transition_stage import bodies, sha256_of
from tests.support.transition_stored import DAMAGED, LOST, SWAPPED
from tests.support.transition_terms import SITES, known_as

from homeport.domain.consent import Hosted
from homeport.domain.digests import Sha256
from homeport.domain.rehost import Rehost, State
from homeport.flows.rehost.retry import retry

SEEN, OTHER = 0, 1
# No host rests for longer.
_RESTED = timedelta(hours=7)
# No call takes more of them.
_STEPS = 20


class Sequels(Episodes):
    """More rules of several steps."""

    def _open(self, name: str) -> str:
        return self.in_mode(EXT, name) or self.in_mode(CACHE, name)

    def _agreed(self, name: str, awaits: int | None = None) -> Rehost | None:
        """An owner has everything planned and agrees to what is proposed: the rehost that goes on with that."""
        owner, count = self.owner_of(name), len(self.reviews)
        self.tell(lambda: self.somebody_plans(name, owner, ""))
        if self.running or self.fakes.waiting():
            self.tell(lambda: self.workers_finish(looks=True))
        ages = range(1, len(self.reviews) - count + 1)
        age = next((one for one in ages if self.reviews[-one].view.rehost.project == name), None)
        if age is None:
            return None
        self.tell(lambda: self.somebody_accepts(age, owner, set(), names_draft=True, awaits=awaits))
        rehost = self._now(self.reviews[-age].view.rehost)
        return rehost if rehost.state is State.CONSENTED else None

    def _now(self, rehost: Rehost) -> Rehost:
        return self.tables.rehosts[rehost.id].rehost

    def _stored_for(self, rehost: Rehost) -> list[Sha256]:
        """The bytes that were agreed to, and that no file has yet."""
        agreed = {sha256 for one in self.model.agreed.get(rehost.id, ())[-1:] for _, sha256 in one.files}
        return [sha256 for sha256 in self.stored() if sha256.hex in agreed]

    def _changes(self, name: str, how: str) -> None:
        """The project's site has other bytes, or names nothing any more, or has no file."""
        if how == "other":
            self.offer(name, SITES[name][0], dict.fromkeys(bodies(name), OTHER))
        elif how == "page":
            self.offer(name, SITES[name][0], {})
        else:
            for number in range(len(bodies(name))):
                self.a_site_loses_a_file(name, number, how)

    def _is_free(self, rehost: Rehost) -> bool:
        """Whether nothing but its bytes decides what becomes of what was agreed to."""
        must, rules = self.project_of(rehost), self.model.rules
        is_frozen = any(must.is_frozen(filename) for filename in bodies(rehost.project))
        return not (rules.cooling or is_frozen or rules.lowest != "plain")

    @precondition(lambda self: self._open(""))
    @rule(name=PROJECT, how=sampled_from(["other", "page", *sorted(AWAY), "frozen"]), dies=booleans())
    def the_outside_changes_behind_an_answer(self, name: str, how: str, *, dies: bool) -> None:
        """Somebody agreed; then files or pages elsewhere change or vanish, or nobody may ask there; a worker may die at it."""
        name = self._open(name)
        self.work()
        self.offer(name, SITES[name][0], dict.fromkeys(bodies(name), SEEN))
        rehost = self._agreed(name)
        if rehost is None:
            return
        if how == "frozen":
            host = known_as(SITES[name][0])
            self.tell(lambda: self.somebody_freezes_a_host(host, "root", freezes=True))
        else:
            self._changes(name, how)
        if dies:
            self.a_worker_takes_a_job()
            self.a_worker_does_a_step(0)
            if self.running:
                self.a_worker_dies(0)
        self.work()
        ended = self._now(rehost)
        assert ended.state is State.PUBLISHED or not self._is_free(rehost), f"agreed to, and it is {ended}"

    @precondition(lambda self: self._open(""))
    @rule(
        name=PROJECT,
        which=integers(0, 2),
        how=sampled_from([LOST, DAMAGED, SWAPPED]),
        begins_again=booleans(),
    )
    def agreed_bytes_go_bad(self, name: str, which: int, how: str, *, begins_again: bool) -> None:
        """Somebody agreed; then the disk loses what was stored, or damages it, and they may begin again."""
        name = self._open(name)
        self.work()
        self.offer(name, SITES[name][0], dict.fromkeys(bodies(name), SEEN))
        rehost = self._agreed(name)
        if rehost is None:
            return
        stored = self._stored_for(rehost)
        if not stored:
            return
        self.go_bad(stored[which % len(stored)], how)
        self.work()
        ended = self._now(rehost)
        assert ended.state is State.FAILED or not self._is_free(rehost), f"{how}, and it is {ended}"
        if begins_again and ended.state is State.FAILED:
            number, owner = self.rehosts().index(ended), self.owner_of(name)
            self.tell(lambda: self.somebody_retries_or_refuses(number, owner, retry))
            again = self._agreed(name)
            self.work()
            is_home = again is not None and self._now(again).state is State.PUBLISHED
            assert is_home or not self._is_free(rehost), (
                f"begun again, and it is {again and self._now(again)}"
            )

    @precondition(lambda self: self._open(""))
    @rule(
        name=PROJECT,
        number=integers(0, 2),
        named=sampled_from([SEEN, OTHER]),
        comes=sampled_from(["named", "named", "other", "nothing"]),
        is_late=booleans(),
    )
    def somebody_agrees_unseen(
        self, name: str, number: int, named: int, comes: str, *, is_late: bool
    ) -> None:
        """A site is down for one file; an owner names its digest, and the site has that, or something else, soon or late."""
        name = self._open(name)
        site, filename = SITES[name][0], sorted(bodies(name))[number]
        sha256, rehost = sha256_of(name, filename, named), self._agreed_unseen(name, number, named)
        if rehost is None:
            return
        if is_late:
            self.work()
            self.tell(lambda: self.time_passes(2))
        if comes != "nothing":
            variant = named if comes == "named" else 1 - named
            files = dict.fromkeys(bodies(name), SEEN) | {filename: variant}
            self.offer(name, site, files, tells=False)
        self.pass_time(_RESTED)
        self.work()
        is_waiting = any(job.rehost_id == rehost.id for job in self.fakes.waiting())
        if comes == "named" and not is_waiting and self._is_sure(rehost, filename, sha256):
            there = self.project_of(rehost).names.get(filename)
            assert there == sha256, f"{filename} was named, and it is {self._now(rehost)}"

    def _agreed_unseen(self, name: str, number: int, named: int) -> Rehost | None:
        """An owner agrees to a plan that lacks the bytes of one file, and names these: the rehost that goes on with that."""
        site, filename = SITES[name][0], sorted(bodies(name))[number]
        self.work()
        self.offer(name, site, dict.fromkeys(bodies(name), SEEN), tells=False)
        self.a_site_loses_a_file(name, number, "down")
        rehost = self._agreed(name, awaits=named)
        is_awaited = rehost is not None and f"{site}/{filename}" in self.awaited[rehost.id]
        return rehost if is_awaited else None

    @precondition(lambda self: self._open(""))
    @rule(name=PROJECT, number=integers(0, 2), steps=integers(0, 1))
    def somebody_takes_back_what_is_awaited(self, name: str, number: int, steps: int) -> None:
        """An owner agreed to a file unseen, and takes that back when a worker has just begun: its site is not asked any more."""
        name = self._open(name)
        rehost = self._agreed_unseen(name, number, SEEN)
        if rehost is None:
            return
        self.a_worker_takes_a_job()
        for _ in range(steps):
            self.a_worker_does_a_step(0)
        agreed = [one.id for one in self.rehosts() if one.id in self.model.agreed]
        owner = self.owner_of(name)
        self.tell(lambda: self.somebody_withdraws(agreed.index(rehost.id), owner, Hosted.KEEP))
        self.pass_time(_RESTED)
        self.work()

    def _is_sure(self, rehost: Rehost, filename: str, sha256: str) -> bool:
        """Whether nothing stands against it: a host that is asked, and bytes that were always these at their place."""
        must, site = self.project_of(rehost), SITES[rehost.project][0]
        others = {one for one in must.seen if one[0] == filename} - {(filename, sha256)}
        is_asked = known_as(site) not in self.model.frozen_hosts
        is_taken = must.names.get(filename, sha256) != sha256
        return self._is_free(rehost) and is_asked and not is_taken and not others

    @precondition(lambda self: self.in_mode(CACHE, ""))
    @rule(name=PROJECT, meanwhile=sampled_from(["other", "down", LOST, SWAPPED, "withdraws", "roles"]))
    def a_call_is_interrupted(self, name: str, meanwhile: str) -> None:
        """A call found files that the standing consent covers; before they are published something happens."""
        name = self.in_mode(CACHE, name)
        must, owner = self.model.projects[name], self.owner_of(name)
        self.work()
        self.offer(name, SITES[name][0], dict.fromkeys(bodies(name), SEEN))
        known = len(self.rehosts())
        self.tell(lambda: self.somebody_updates_the_cache(name, owner))
        begun = self.rehosts()[known:]
        for _ in range(_STEPS):
            is_planned = begun and self._now(begun[0]).state is not State.PLANNING
            if is_planned or not (self.running or self.fakes.waiting()):
                break
            if not self.running:
                self.a_worker_takes_a_job()
            self.a_worker_does_a_step(0)
        stored = self._stored_for(begun[0]) if begun else []
        if not stored or self._now(begun[0]).state is not State.CONSENTED:
            return
        acts: dict[str, Callable[[], object]] = {
            "withdraws": lambda: self.somebody_withdraws_standing_consent(name, owner),
            "roles": lambda: self.roles_change(name, ("", "owner") if must.owns("ada") else ("owner", "")),
            LOST: lambda: self.go_bad(stored[0], LOST),
            SWAPPED: lambda: self.go_bad(stored[0], SWAPPED),
        }
        self.tell(acts.get(meanwhile, lambda: self._changes(name, meanwhile)))
        self.work()
        if meanwhile in {"other", "down"}:
            ended = self._now(begun[0])
            assert ended.state is State.PUBLISHED or not self._is_free(ended), f"agreed to, and it is {ended}"

    @precondition(lambda self: len(self.hooks) < MOST_HOOKS)
    @rule(
        name=PROJECT,
        is_mine=booleans(),
        leaves=booleans(),
        again=sampled_from(["", "one", "everything"]),
    )
    def somebody_listens_to_what_is_hidden(
        self, name: str, again: str, *, is_mine: bool, leaves: bool
    ) -> None:
        """Somebody who owns a project listens; it is hidden, they may leave, something happens to it, and they want it told."""
        owner, last = self.owner_of(name), len(self.hooks)
        stays, roles = ("bob", ("", "owner")) if owner == "ada" else ("ada", ("owner", ""))
        self.tell(
            lambda: self.somebody_adds_a_webhook(owner, "all", MINE if is_mine else name),
            lambda: self.somebody_hides(name, owner, is_private=True),
        )
        if leaves:
            self.tell(lambda: self.roles_change(name, roles))
        asks = stays if leaves else owner
        self.tell(lambda: self.somebody_plans(name, asks, ""))
        self.work()
        if again == "one":
            self.tell(lambda: self.somebody_wants_one_message_again(last, ITS_OWN, 0, is_its=True))
        elif again:
            self.tell(lambda: self.somebody_wants_everything_again(last, ITS_OWN, 20))
        self.tell(
            lambda: self.somebody_wants_everything_again(0, ITS_OWN, 20),
            lambda: self.somebody_hides(name, asks, is_private=False),
        )

    @precondition(lambda self: self.hooks)
    @rule(which=integers(0, 2), times=integers(9, 12), minutes=sampled_from([0, 1, 5, 7]))
    def somebody_renews_often(self, which: int, times: int, minutes: int) -> None:
        """A secret is renewed again and again, faster than is allowed, or slower."""
        for _ in range(times):
            self.somebody_renews_a_secret(which, ITS_OWN)
            self.pass_time(timedelta(minutes=minutes))
