"""What maintainers do with a plan: open its review, save drafts, name digests, fetch, agree, take it back, try again."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from hypothesis.stateful import precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from
from tests.support.transition_model import ONLY
from tests.support.transition_stage import Stage, sha256_of

from homeport.domain.consent import Basis, Hosted
from homeport.domain.digests import Sha256
from homeport.domain.fetching import Few, Wish
from homeport.domain.ledger import Kind
from homeport.domain.plan_draft import Changes
from homeport.domain.rehost import Bytes, Decision, Item, State
from homeport.flows.rehost.draft import Review, Saving, Shown, save_draft
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.review import Choice, accept, fetch, refuse
from homeport.flows.rehost.withdraw import withdraw

WHO = sampled_from(["ada", "ada", "bob"])
FILE = integers(0, 2)


class Reviewers(Stage):
    """The rules of reviews."""

    @precondition(lambda self: self.reviews)
    @rule(
        age=sampled_from([1, 1, 2, 3]),
        who=WHO,
        number=FILE,
        decision=sampled_from([Decision.ACCEPT, Decision.LEAVE_OUT, Decision.UNDECIDED]),
        is_looked_at=booleans(),
        declares=booleans(),
    )
    def somebody_saves_a_draft(
        self,
        age: int,
        who: str,
        number: int,
        decision: Decision,
        *,
        is_looked_at: bool,
        declares: bool = False,
    ) -> None:
        """A maintainer decides about a file, perhaps over what another one saved meanwhile; they may look at what came of it.

        Who declares names the digest of the bytes that were shown.
        """
        shown = self.reviews[-min(age, len(self.reviews))]
        items, rehost = shown.view.plan.items, shown.view.rehost
        if not items:
            return
        item = items[number % len(items)]
        declared = _declared([item] if declares else [])
        changes = Changes({item.id: decision}, dict(declared))
        revision, current = shown.draft.revision, self._revision(shown)
        saved = self.ask(
            lambda: save_draft(
                self.world,
                self.caller(who),
                rehost.id,
                Shown(shown.view.digest, revision),
                Saving(changes),
            )
        )
        if isinstance(saved, Review):
            is_new = self._revision(saved) != current
            assert not is_new or revision == current, "a draft was saved over one that was not shown"
            self.project_of(rehost).declared |= {(item.filename, sha256.hex) for sha256 in declared.values()}
            if is_looked_at:
                self.reviews.append(saved)

    def _revision(self, review: Review) -> int:
        """The revision of the draft that stands now."""
        draft = self.tables.drafts.get((review.view.project.id, review.view.rehost.version))
        return draft.revision if draft else 0

    @precondition(lambda self: self.reviews)
    @rule(
        age=sampled_from([1, 1, 1, 1, 2, 3]),
        who=WHO,
        only=sampled_from([set[int](), {0}, {1, 2}]),
        names_draft=sampled_from([True, True, True, False]),
        declares=booleans(),
        awaits=sampled_from([None, None, 0, 1]),
    )
    def somebody_accepts(
        self,
        age: int,
        who: str,
        only: set[int],
        *,
        names_draft: bool,
        declares: bool = False,
        awaits: int | None = None,
    ) -> None:
        """A maintainer agrees to what was shown, which may be another plan or another draft by now, and may name digests.

        Of what could not be reached they may name the variant that it shall be when it comes.
        """
        shown = self.reviews[-min(age, len(self.reviews))]
        items, rehost = shown.view.plan.items, shown.view.rehost
        chosen = frozenset(items[number % len(items)].id for number in only) if items and only else None
        current, must = self._revision(shown), self.project_of(rehost)
        awaited = _awaited(rehost.project, items, awaits, chosen)
        meant = (shown.ticked if chosen is None else chosen) | awaited.keys()
        declared = _declared([item for item in items if item.id in meant] if declares else []) | awaited
        choice = Choice(
            shown.view.digest,
            Basis.AUTHOR,
            accept=chosen,
            declared=declared or None,
            draft_revision=shown.draft.revision if names_draft else None,
        )
        count = len(self.tables.ledger)
        waits = self.tables.rehosts[rehost.id].rehost.state is State.PLANNED
        may = must.maintains(who) and must.mode != ONLY and must.status == "active" and waits
        if names_draft:
            may = may and shown.draft.revision == current
        elif chosen is None:
            may = may and current == 0
        if self.did(
            lambda: accept(self.world, self.caller(who), rehost.id, choice), may=may, kind=Kind.CONSENT_GIVEN
        ):
            files = frozenset(_agreed(item, awaited) for item in items if item.id in meant)
            must.declared |= {_agreed(item, declared) for item in items if item.id in declared}
            weak = [self.model.weakness(rehost.project, *file) for file in files]
            assert not any(weak), f"agreed to what this index does not publish: {weak}"
            told = next(one for one in self.entries(count) if one["kind"] == Kind.CONSENT_GIVEN)
            recorded = frozenset(map(tuple, told["details"]["files"]))
            assert recorded == files, f"T-12: agreed to {sorted(recorded)}, shown was {sorted(files)}"
            is_full = not rehost.version
            self.model.agreed_to(rehost.id, rehost.project, who, files, is_full=is_full)
            self.awaited[rehost.id] = {item.url for item in items if item.id in awaited}

    @precondition(lambda self: self.model.agreed)
    @rule(which=integers(0, 9), who=WHO, hosted=sampled_from(Hosted))
    def somebody_withdraws(self, which: int, who: str, hosted: Hosted) -> None:
        """A maintainer takes a consent back, and says what becomes of what is hosted."""
        rehosts = [one for one in self.rehosts() if one.id in self.model.agreed]
        if not rehosts:
            return
        rehost = rehosts[which % len(rehosts)]
        may = self.project_of(rehost).maintains(who)
        if self.did(
            lambda: withdraw(self.world, self.caller(who), rehost.id, hosted, "Sold."),
            may=may,
            kind=Kind.CONSENT_WITHDRAWN,
        ):
            self.model.took_back(rehost.id)

    @precondition(lambda self: self.tables.rehosts)
    @rule(which=integers(0, 9), who=WHO, what=sampled_from([retry, retry, refuse]))
    def somebody_retries_or_refuses(self, which: int, who: str, what: object) -> None:
        """A maintainer wants it tried again, or none of it."""
        if rehosts := self.rehosts():
            rehost = rehosts[which % len(rehosts)]
            may = self.project_of(rehost).maintains(who)
            self.did(lambda: what(self.world, self.caller(who), rehost.id), may=may)  # type: ignore[operator]

    @precondition(lambda self: self.reviews)
    @rule(age=sampled_from([1, 2]), who=WHO, only=sampled_from(["*", "*.whl", "*.gz"]))
    def somebody_fetches(self, age: int, who: str, only: str) -> None:
        """A maintainer wants the bytes of what is only listed: it is a new plan then, and nobody has seen that."""
        rehost = self.reviews[-min(age, len(self.reviews))].view.rehost
        must = self.project_of(rehost)
        may = must.maintains(who) and must.mode != ONLY and must.status == "active"
        self.did(lambda: fetch(self.world, self.caller(who), rehost.id, Wish(only=(only,))), may=may)

    @rule(items=sampled_from([100, 100, 1]))
    def the_operator_says_what_is_few(self, items: int) -> None:
        """From now on larger plans list their files only, and somebody says which are fetched."""
        self.world = replace(self.world, limits=replace(self.world.limits, few=Few(items)))
        self.fakes.world = self.world


def _declared(items: list[Item]) -> dict[int, Sha256]:
    """The digests of these items, as far as they are known."""
    return {item.id: item.sha256 for item in items if item.sha256 is not None}


def _awaited(
    name: str, items: Iterable[Item], variant: int | None, chosen: Collection[int] | None
) -> dict[int, Sha256]:
    """The digests that are named of what could not be reached, where one place has it; of all that, or of what is chosen."""
    if variant is None:
        return {}
    places = Counter(item.filename for item in items)
    return {
        item.id: Sha256.parse(sha256_of(name, item.filename, variant))
        for item in items
        if item.bytes is Bytes.UNREACHABLE
        and places[item.filename] == 1
        and (chosen is None or item.id in chosen)
    }


def _agreed(item: Item, named: Mapping[int, Sha256]) -> tuple[str, str]:
    """The name and the bytes of an item as a person saw them, or named them."""
    sha256 = named.get(item.id, item.sha256)
    assert item.bytes is Bytes.HERE or item.id in named, item
    assert sha256 is not None, item
    return item.filename, sha256.hex
