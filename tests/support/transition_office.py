"""What administrators do in the transition: exemptions, policies, freezes, what takes two of them, and campaigns."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from hypothesis.stateful import precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from
from tests.support.transition_model import CACHE, EXT, ONLY, Running, version_of
from tests.support.transition_people import PROJECT
from tests.support.transition_stage import ADMINS, Stage, bodies

from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind, CampaignState
from homeport.domain.errors import Refusal
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus
from homeport.domain.proposal import Act, Deed, Proposal
from homeport.domain.removal_request import Answer
from homeport.flows.campaign import manage
from homeport.flows.change_status import change_status
from homeport.flows.exemptions import end_exemption, extend_exemption
from homeport.flows.freeze import freeze, unfreeze
from homeport.flows.manners.hosts import freeze_host, unfreeze_host
from homeport.flows.policies import change_policy
from homeport.flows.proposals import agree, or_propose, withdraw
from homeport.flows.proposals import refuse as refuse_proposal
from homeport.flows.removal_requests import answer_request
from homeport.flows.remove import remove
from homeport.flows.users import demote_user, make_link, promote_user

ADMIN = sampled_from(ADMINS)
MODES = {"all": "pypi-ext, pypi-cache, pypi-only", "no-ext": "pypi-cache, pypi-only", "only": "pypi-only"}
CHANGES: tuple[Mapping[str, str], ...] = (
    {"cooling_hours": "48"},
    {"cooling_hours": "0"},
    {"two_to_unfreeze": "yes"},
    {"two_to_unfreeze": "no"},
    {"two_to_delete": "yes"},
    {"two_to_delete": "no"},
    {"allowed_modes": MODES["all"]},
    {"allowed_modes": MODES["no-ext"]},
    {"cache_chosen_by": "administrators"},
    {"cache_chosen_by": "owners"},
    {"allow_cache_after_only": "no"},
    {"allow_cache_after_only": "yes"},
    {"frozen_status": "451"},
    {"frozen_status": "404"},
    {"lowest_evidence": "plain"},
    {"lowest_evidence": "corroborated"},
    {"lowest_evidence": "declared"},
)
_TERMS = "https://index.test/terms"


class Administrators(Stage):
    """The rules of the office."""

    # Exemptions

    @precondition(lambda self: any(must.mode == EXT for must in self.model.projects.values()))
    @rule(name=PROJECT, days=sampled_from([0, 20, 100]), who=sampled_from(["root", "ada"]))
    def somebody_extends_an_exemption(self, name: str, days: int, who: str) -> None:
        """An administrator lets an exemption hold longer, or gives an end to one that has none."""
        must, until = self.model.projects[name], self.model.today + timedelta(days=days)
        is_later = days > 0 and (must.until is None or until > must.until)
        may = must.mode == EXT and is_later and who == "root" and EXT in self.model.rules.modes
        if self.did(
            lambda: extend_exemption(self.world, self.caller(who), name, until, "Later."),
            may=may,
            kind=Kind.EXEMPTION_EXTENDED,
        ):
            must.until = until
        else:
            assert not may, f"the exemption of {name} was not extended"

    @rule(name=PROJECT, who=sampled_from(["root", "ada"]))
    def somebody_ends_an_exemption(self, name: str, who: str) -> None:
        """An administrator ends an exemption before its day."""
        must = self.model.projects[name]
        may = must.mode == EXT and who == "root" and not must.is_quarantined
        links = dict(self.tables.links)
        if self.did(
            lambda: end_exemption(self.world, self.caller(who), name, "Enough."),
            may=may,
            kind=Kind.MODE_CHANGED,
        ):
            must.mode, must.until, must.closed_by_owner = ONLY, None, False
            assert self.tables.links == links, "what is recorded is not forgotten by a move"
        else:
            assert not may, f"the exemption of {name} was not ended"

    # What may take two

    def decide(self, who: str, deed: Deed, act: Callable[[], object], *, takes_two: bool) -> None:
        """Do it, or propose it where it takes two."""
        outcome = self.ask(lambda: or_propose(self.world, self.caller(who), deed, "Because.", act))
        if isinstance(outcome, Refusal):
            is_unsettled = outcome.code == "account-unsettled"
            assert not (is_unsettled and self.model.counts_alone(who)), f"{who} counts alone, and was refused"
            return
        if isinstance(outcome, Proposal):
            assert takes_two, f"{deed.sentence} takes one, and was proposed"
            assert self.model.counts_alone(who), (
                f"I-11: {who} proposed, whose account another one had in hands"
            )
            self.counts[Kind.PROPOSAL_MADE] += 1
            return
        assert not takes_two, f"I-11: {who} alone did what takes two: {deed.sentence}"
        self._done(deed)

    def _done(self, deed: Deed) -> None:
        """Tell the model of a deed that was done."""
        match deed.act:
            case Act.UNFREEZE:
                filename = next(iter(deed.filenames), "")
                self.model.projects[deed.project].frozen.discard((deed.subject, filename))
                self.counts[Kind.FILE_UNFROZEN if filename else Kind.RELEASE_UNFROZEN] += 1
            case Act.UNFREEZE_HOST:
                self.model.frozen_hosts.discard(deed.subject)
                self.counts[Kind.HOST_UNFROZEN] += 1
            case Act.END_QUARANTINE:
                self.model.projects[deed.project].status = deed.subject
                self.counts[Kind.STATUS_CHANGED] += 1
            case Act.DELETE:
                hosted = self.model.projects[deed.project].hosted
                for name in deed.filenames or [one for one in hosted if version_of(one) == deed.subject]:
                    del hosted[name]
            case Act.CHANGE_POLICY:
                self._policy_changed(deed.changes)
                self.counts[Kind.POLICY_CHANGED] += 1
            case _:
                raise AssertionError(deed)

    def _policy_changed(self, changes: Mapping[str, str]) -> None:
        rules = self.model.rules
        for field, text in changes.items():
            match field:
                case "cooling_hours":
                    self.model.cools(timedelta(hours=int(text)))
                case "two_to_unfreeze":
                    rules.two_to_unfreeze = text == "yes"
                case "two_to_delete":
                    rules.two_to_delete = text == "yes"
                case "allowed_modes":
                    rules.modes = frozenset(text.split(", "))
                case "cache_chosen_by":
                    rules.by_admins_only = text == "administrators"
                case "allow_cache_after_only":
                    rules.again = text == "yes"
                case "cache_ends_on":
                    rules.ends_on = date.fromisoformat(text) if text else None
                case "lowest_evidence":
                    rules.lowest = text
                case _:
                    rules.frozen_status = int(text)

    @rule(who=sampled_from(["root", "rita", "ada"]), number=integers(0, len(CHANGES) + 1))
    def somebody_changes_the_policy(self, who: str, number: int) -> None:
        """An administrator changes one field of the policy."""
        day = (self.model.today + timedelta(days=20)).isoformat()
        ends = ({"cache_ends_on": day}, {"cache_ends_on": ""})
        changes = (*CHANGES, *ends)[number]
        assert who != "ada" or isinstance(
            self.ask(lambda: change_policy(self.world, self.caller(who), changes, "Because.")), Refusal
        )
        if who != "ada":
            self.change_policy(who, changes)

    def change_policy(self, who: str, changes: Mapping[str, str]) -> None:
        """Change the policy, or propose to where a rule of two people is taken back."""
        rules = self.model.rules
        takes_back = (rules.two_to_unfreeze and changes.get("two_to_unfreeze") == "no") or (
            rules.two_to_delete and changes.get("two_to_delete") == "no"
        )
        self.decide(
            who,
            Deed(Act.CHANGE_POLICY, changes=changes),
            lambda: change_policy(self.world, self.caller(who), changes, "Because."),
            takes_two=takes_back,
        )

    @rule(name=PROJECT, number=integers(0, 2), whole=booleans(), who=sampled_from(["root", "ada"]))
    def somebody_freezes(self, name: str, number: int, who: str, *, whole: bool) -> None:
        """An administrator takes a file or a release out of everybody's reach."""
        must, filename = self.model.projects[name], sorted(bodies(name))[number]
        version, named = version_of(filename), "" if whole else filename
        may = who == "root" and (version, named) not in must.frozen and (whole or filename in must.hosted)
        kind = Kind.RELEASE_FROZEN if whole else Kind.FILE_FROZEN
        if self.did(
            lambda: freeze(self.world, self.caller(who), name, version, filename=named, reason="Harm."),
            may=may,
            kind=kind,
        ):
            must.frozen.add((version, named))
        else:
            assert not (may and filename in must.hosted), f"{filename} was not frozen"

    @precondition(lambda self: any(must.frozen for must in self.model.projects.values()))
    @rule(which=integers(0, 5), who=ADMIN)
    def somebody_unfreezes(self, which: int, who: str) -> None:
        """An administrator gives it back, or proposes to."""
        frozen = sorted((name, *one) for name, must in self.model.projects.items() for one in must.frozen)
        name, version, filename = frozen[which % len(frozen)]
        deed = Deed(Act.UNFREEZE, name, version, (filename,) if filename else ())
        self.decide(
            who,
            deed,
            lambda: unfreeze(
                self.world, self.caller(who), name, version, filename=filename, reason="Because."
            ),
            takes_two=self.model.rules.two_to_unfreeze,
        )

    @precondition(lambda self: any(must.hosted for must in self.model.projects.values()))
    @rule(name=PROJECT, number=integers(0, 2), whole=booleans(), who=ADMIN)
    def somebody_deletes(self, name: str, number: int, who: str, *, whole: bool) -> None:
        """An administrator, who owns nothing, removes a file or a release, or proposes to."""
        filename = sorted(bodies(name))[number]
        version, names = version_of(filename), () if whole else (filename,)
        self.decide(
            who,
            Deed(Act.DELETE, name, version, names),
            lambda: remove(self.world, self.caller(who), name, version, reason="Because.", filenames=names),
            takes_two=self.model.rules.two_to_delete,
        )

    @rule(
        host=sampled_from(["site.test", "solo.test"]), who=ADMIN, freezes=sampled_from([True, False, False])
    )
    def somebody_freezes_a_host(self, host: str, who: str, *, freezes: bool) -> None:
        """An administrator lets nobody ask a host any more, or lets it be asked again."""
        frozen = self.model.frozen_hosts
        if freezes:
            self.ask(lambda: freeze_host(self.world, self.caller(who), host, "Harm."))
            self.counts[Kind.HOST_FROZEN] += host not in frozen
            frozen.add(host)
        elif host in frozen:
            self.decide(
                who,
                Deed(Act.UNFREEZE_HOST, subject=host),
                lambda: unfreeze_host(self.world, self.caller(who), host, "Because."),
                takes_two=self.model.rules.two_to_unfreeze,
            )

    @rule(
        name=PROJECT,
        who=sampled_from(["root", "rita", "ada"]),
        status=sampled_from(["active", "active", "active", "archived", "quarantined"]),
    )
    def somebody_marks_the_project(self, name: str, who: str, status: str) -> None:
        """An administrator quarantines a project or ends that; an owner archives it, or takes it up again."""
        must, reason = self.model.projects[name], "Because."
        deed = Deed(Act.END_QUARANTINE, name, status)
        takes_two = must.is_quarantined and status != "quarantined" and self.model.rules.two_to_unfreeze

        def mark() -> object:
            return change_status(self.world, self.caller(who), name, ProjectStatus(status), reason)

        if who == "ada":
            may = must.owns(who) and not must.is_quarantined and status != "quarantined"
            if self.did(mark, may=may, kind=Kind.STATUS_CHANGED):
                must.status = status
        else:
            self.decide(who, deed, mark, takes_two=takes_two)

    @precondition(lambda self: self.tables.proposals)
    @rule(who=ADMIN, again=booleans())
    def an_account_is_handed_over(self, who: str, *, again: bool) -> None:
        """An administrator makes the other one a link for a password, or an administrator again."""
        by = Caller(self.caller(next(one for one in ADMINS if one != who)).user, confirmed_at=self.model.now)
        if again:
            demote_user(self.world, by, who)
        promote_user(self.world, by, who) if again else make_link(self.world, by, who)
        self.model.handed[who] = self.model.now

    @precondition(lambda self: self.tables.proposals)
    @rule(which=integers(0, 5), who=ADMIN, how=sampled_from([agree, agree, refuse_proposal, withdraw]))
    def somebody_answers_a_proposal(self, which: int, who: str, how: Callable[..., Proposal]) -> None:
        """An administrator agrees, refuses, or takes it back; nobody agrees to what they asked for."""
        proposals = list(self.tables.proposals.values())
        proposal = proposals[which % len(proposals)]
        answer = ("No.",) if how is refuse_proposal else ()
        is_own = proposal.asked_by == who
        may = is_own is (how is withdraw) and proposal.end is None and self.model.now < proposal.expires_at
        may = may and (how is not agree or self.model.counts_alone(who, proposal.asked_at))
        is_done = self.did(
            lambda: how(self.world, self.caller(who), proposal.id, *answer),
            may=may,
            kind=Kind.PROPOSAL_ENDED,
        )
        if is_done and how is agree:
            self._done(proposal.deed)

    @precondition(lambda self: self.tables.removal_requests)
    @rule(which=integers(0, 3), who=ADMIN, answer=sampled_from(Answer))
    def somebody_answers_a_request(self, which: int, who: str, answer: Answer) -> None:
        """An administrator removes what a maintainer wants removed, or declines."""
        requests = list(self.tables.removal_requests.values())
        request = requests[which % len(requests)]
        must = self.model.projects[request.project]
        gone = [name for name in request.filenames if name in must.hosted]
        is_removal = answer is Answer.REMOVED
        may = request.answer is None and not (is_removal and gone and self.model.rules.two_to_delete)
        act = lambda: answer_request(self.world, self.caller(who), request.id, answer, "Because.")  # noqa: E731
        if self.did(act, may=may) and is_removal:
            for name in gone:
                del must.hosted[name]

    # Campaigns

    @precondition(lambda self: len(self.model.campaigns) < 2)
    @rule(
        kind=sampled_from([CampaignKind.TO_ONLY, CampaignKind.TO_ONLY, CampaignKind.PHASE_OUT]),
        ahead=sampled_from([30, 90, 120]),
    )
    def somebody_announces_a_campaign(self, kind: CampaignKind, ahead: int) -> None:
        """An administrator drafts, previews and announces a campaign, unless one of its kind runs."""
        root, day = self.caller("root"), self.model.today + timedelta(days=ahead)
        draft = manage.Draft("Home", "Why.", day, _TERMS)
        if any(one.kind is kind and one.state.is_open for one in self.tables.campaigns.values()):
            return
        made = self.ask(lambda: manage.draft_campaign(self.world, root, kind, draft))
        assert not isinstance(made, Refusal), made
        early = self.ask(lambda: manage.announce_campaign(self.world, root, made.id))  # type: ignore[attr-defined]
        assert isinstance(early, Refusal), "nobody looked at its preview"
        manage.preview_campaign(self.world, root, made.id)  # type: ignore[attr-defined]
        self.finish_surveys()
        may = ahead >= kind.least[0]
        if self.did(lambda: manage.announce_campaign(self.world, root, made.id), may=may):  # type: ignore[attr-defined]
            source = EXT if kind is CampaignKind.TO_ONLY else CACHE
            self.model.campaigns[made.id] = Running(source, day)  # type: ignore[attr-defined]
            for must in self.model.projects.values():
                if must.mode == source:
                    must.notices = []

    @precondition(lambda self: self.model.campaigns)
    @rule(what=sampled_from(["pause", "resume", "resume", "later", "cancel"]))
    def somebody_steers_a_campaign(self, what: str) -> None:
        """An administrator stops the clock of a campaign, lets it go on, perhaps later, or gives it up."""
        number, running = list(self.model.campaigns.items())[-1]
        root, day = self.caller("root"), running.day + timedelta(days=30)
        acts: Mapping[str, Callable[[], object]] = {
            "pause": lambda: manage.pause_campaign(self.world, root, number, "Wait."),
            "resume": lambda: manage.resume_campaign(self.world, root, number),
            "later": lambda: manage.resume_campaign(self.world, root, number, day),
            "cancel": lambda: manage.cancel_campaign(self.world, root, number, "Enough."),
        }
        state = self.tables.campaigns[number].state
        if not self.did(acts[what], may=state in {CampaignState.ANNOUNCED, CampaignState.PAUSED}):
            return
        if what == "cancel":
            del self.model.campaigns[number]
        elif what == "later":
            running.day = day
        running.is_paused = what == "pause"
