"""Episodes of the transition: steps that follow each other in life, and that chance alone rarely puts side by side.

After each step of an episode everything is asked that is asked after any step.
"""

from collections.abc import Callable
from datetime import timedelta

from hypothesis.stateful import precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from
from tests.support.transition_hooks import Hooked
from tests.support.transition_model import CACHE, EXT
from tests.support.transition_office import Administrators
from tests.support.transition_people import PATHS, PROJECT
from tests.support.transition_promises import Promises
from tests.support.transition_stage import NAMES, PEOPLE, bodies
from tests.support.transition_stored import Stored
from tests.support.transition_terms import SITES

from homeport.domain.campaign import CampaignKind
from homeport.flows.proposals import agree
from homeport.flows.rehost.retry import retry

_WHEEL = 0


class Episodes(Hooked, Stored, Administrators, Promises):
    """Rules of several steps."""

    def tell(self, *steps: Callable[[], object]) -> None:
        """Do these steps, and ask after each for everything that must hold; webhooks are told of each."""
        for step in steps:
            step()
            self.everything_is_as_it_must_be()
            self.tell_webhooks()

    def in_mode(self, mode: str, name: str) -> str:
        """That project, or the other one, when it is in the mode, and is open; else none."""
        found = [
            one for one, must in self.model.projects.items() if must.mode == mode and must.status == "active"
        ]
        return name if name in found else "".join(found[:1])

    def owner_of(self, name: str) -> str:
        """Somebody who owns it."""
        return next(one for one in PEOPLE if self.model.projects[name].owns(one))

    @precondition(lambda self: self.in_mode(CACHE, ""))
    @rule(
        name=PROJECT,
        terms=sampled_from([None, None, "all", "wheels"]),
        paths=sampled_from(sorted(PATHS)),
        version=sampled_from(["", "", "1.0", "2.0"]),
        meanwhile=sampled_from(["", "", "", "withdraws", "withdraws", "roles", "hides", "freezes"]),
        is_late=booleans(),
    )
    def a_call_comes(
        self, name: str, terms: str | None, paths: str, version: str, meanwhile: str, *, is_late: bool
    ) -> None:
        """An owner says, or says anew, what calls may bring home; a call comes, and something before it is done."""
        name = self.in_mode(CACHE, name)
        owner = self.owner_of(name)
        between: dict[str, Callable[[], object]] = {
            "": lambda: None,
            "withdraws": lambda: self.somebody_withdraws_standing_consent(name, owner),
            "roles": lambda: self.roles_change(
                name, ("owner", "reader") if owner != "ada" else ("maintainer", "owner")
            ),
            "hides": lambda: self.somebody_hides(name, owner, is_private=True),
            "freezes": lambda: self.somebody_freezes(name, _WHEEL, "root", whole=True),
        }
        self.work()
        self.offer(name, SITES[name][0], dict.fromkeys(bodies(name), 0))
        if terms:
            self.tell(lambda: self.somebody_gives_standing_consent(name, owner, None, terms, paths, 60))
        if not is_late:
            self.tell(between[meanwhile])
        if version:
            self.tell(lambda: self.somebody_registers(name, owner, version))
        else:
            self.tell(lambda: self.somebody_updates_the_cache(name, owner))
        if is_late:
            self.tell(between[meanwhile])
        self.work()

    def work(self) -> None:
        """Workers do what waits."""
        if self.running or self.fakes.waiting():
            self.tell(lambda: self.workers_finish(looks=False))

    @precondition(lambda self: self.in_mode(EXT, ""))
    @rule(name=PROJECT, days=sampled_from([0, 100, 100, 200]), is_soon=booleans(), comes_home=booleans())
    def a_campaign_goes_by(self, name: str, days: int, *, is_soon: bool, comes_home: bool) -> None:
        """A campaign is announced, an owner acts or gets an exemption soon or late, and the clock goes on past the day."""
        name = self.in_mode(EXT, name)
        weeks = 1 if is_soon else 9
        self.tell(
            lambda: self.somebody_announces_a_campaign(CampaignKind.TO_ONLY, 90),
            self.clock_looks,
            lambda: self.weeks_pass(weeks),
        )
        if comes_home:
            self.tell(lambda: self.a_plan_is_made_and_looked_at(name, decides=True))
        if days:
            self.tell(lambda: self.somebody_extends_an_exemption(name, days, "root"))
        self.tell(lambda: self.weeks_pass(14 - weeks))

    @precondition(lambda self: any(must.public for must in self.model.projects.values()))
    @rule(which=integers(0, 5), whole=booleans(), gives_back=booleans())
    def a_hosted_file_is_frozen(self, which: int, *, whole: bool, gives_back: bool) -> None:
        """An administrator freezes what everybody has, and may give it back."""
        shown = [(name, file) for name in NAMES for file in sorted(self.model.projects[name].public)]
        name, filename = shown[which % len(shown)]
        number = sorted(bodies(name)).index(filename)
        self.tell(lambda: self.somebody_freezes(name, number, "root", whole=whole))
        if gives_back:
            self.tell(lambda: self.somebody_unfreezes(which, "rita"))

    @precondition(lambda self: self.in_mode(EXT, "") or self.in_mode(CACHE, ""))
    @rule(name=PROJECT, number=integers(0, 2), who=sampled_from(["ada", "ada", "bob"]), is_same=booleans())
    def a_plan_changes_behind_its_reader(self, name: str, number: int, who: str, *, is_same: bool) -> None:
        """Ada looks at a plan, for which a file cannot be had; it is tried again, and somebody agrees to what she saw.

        The site may have other bytes by then.
        """
        name = self.in_mode(EXT, name) or self.in_mode(CACHE, name)
        count = len(self.reviews)
        self.work()
        self.tell(
            lambda: self.a_site_loses_a_file(name, number, "down"),
            lambda: self.a_plan_is_made_and_looked_at(name, decides=False),
        )
        if len(self.reviews) == count:
            return
        last = self.rehosts().index(
            next(one for one in self.rehosts() if one.id == self.reviews[-1].view.rehost.id)
        )
        self.offer(name, SITES[name][0], dict.fromkeys(bodies(name), 1 - is_same))
        self.tell(lambda: self.somebody_retries_or_refuses(last, self.owner_of(name), retry))
        self.work()
        self.tell(lambda: self.somebody_accepts(1, who, set(), names_draft=True))
        self.work()

    @rule(
        handed=sampled_from(["", "rita", "root"]),
        hours=sampled_from([0, 71, 72, 100]),
        host=sampled_from(["site.test", "solo.test"]),
        is_before=booleans(),
    )
    def two_administrators_decide(self, handed: str, hours: int, host: str, *, is_before: bool) -> None:
        """One proposes to ask a host again, and the other agrees; one had the other's account in hands before or meanwhile."""
        by, other = ("rita", "root") if handed == "root" else ("root", "rita")

        def hands(*, now: bool) -> None:
            if handed and now:
                self.an_account_is_handed_over(handed, again=False)

        self.tell(
            # Who was handed over before counts again.
            lambda: self.time_passes(3),
            lambda: self.change_policy(by, {"two_to_unfreeze": "yes"}),
            lambda: self.somebody_freezes_a_host(host, by, freezes=True),
            lambda: hands(now=is_before),
            lambda: self.somebody_freezes_a_host(host, by, freezes=False),
            lambda: hands(now=not is_before),
            lambda: self.pass_time(timedelta(hours=hours)),
        )
        if self.tables.proposals:
            last = len(self.tables.proposals) - 1
            self.tell(lambda: self.somebody_answers_a_proposal(last, other, agree))
