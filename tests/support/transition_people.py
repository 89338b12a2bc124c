"""What maintainers do in the transition: choose modes, name places, review plans, agree, take it back, upload, register."""

from datetime import timedelta

from hypothesis.stateful import precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from
from tests.support.forms import upload_fields
from tests.support.transition_model import CACHE, EXT, ONLY, version_of
from tests.support.transition_reviews import Reviewers
from tests.support.transition_stage import NAMES, PEOPLE, bodies, sha256_of
from tests.support.transition_terms import SITES, meant, named, origin
from tests.support.world import grant, register_release, revoke

from homeport.domain.errors import Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import Role
from homeport.flows.campaign.opt_in import opt_in
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_visibility
from homeport.flows.manage_project import add_source, remove_source
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.flows.remove import remove
from homeport.flows.standing_consents import StandingWish, give_consent, withdraw_consent
from homeport.flows.upload import upload

PROJECT = sampled_from(NAMES)
WHO = sampled_from(["ada", "ada", "bob"])
FILE = integers(0, 2)
PATTERNS = {"all": ("*",), "wheels": ("*.whl",)}
PATHS = {"every": ("/*",), "old": ("/old/*",), "root": ("/",)}


class Maintainers(Reviewers):
    """The rules of owners and maintainers."""

    @rule(
        name=PROJECT,
        who=sampled_from(["ada", "ada", "bob", "root"]),
        mode=sampled_from([EXT, CACHE, CACHE, ONLY]),
        consents=sampled_from([True, True, False]),
        acknowledges=booleans(),
        days=sampled_from([0, 10, 40]),
    )
    def somebody_chooses_a_mode(
        self, name: str, who: str, mode: str, *, consents: bool, acknowledges: bool, days: int
    ) -> None:
        """Somebody wants another hosting mode, with and without what that needs."""
        must, model, until = self.model.projects[name], self.model, self.model.today + timedelta(days=days)
        wish = Wish(HostingMode(mode), "Because.", until, consents=consents, acknowledges_loss=acknowledges)
        loses = bool(self.before().links[name])
        if must.mode == mode:
            # The standing consent is given anew where that is what was said.
            may = mode == CACHE and consents and must.owns(who)
            if self.did(lambda: change_hosting(self.world, self.caller(who), name, wish), may=may):
                model.gave_standing(name, who)
            return
        may = model.may_choose(name, who, mode, is_admin=who == "root", consents=consents)
        if mode == EXT:
            may = may and days > 0
        if must.mode == EXT and mode == ONLY:
            may = may and (acknowledges or not loses)
        if must.mode == EXT and mode == CACHE:
            may = may and model.brought_home(name)
        links = dict(self.tables.links)
        if self.did(
            lambda: change_hosting(self.world, self.caller(who), name, wish), may=may, kind=Kind.MODE_CHANGED
        ):
            model.chosen(name, who, mode, until)
            assert self.tables.links == links, "what is recorded is not forgotten by a move"
        else:
            is_sure = must.mode != EXT
            assert not (may and is_sure), f"{who} may move {name} from {must.mode} to {mode}, and was refused"

    @rule(name=PROJECT, number=integers(0, 3), adds=sampled_from([True, True, False]), who=WHO)
    def somebody_names_a_place(self, name: str, number: int, who: str, *, adds: bool) -> None:
        """A maintainer adds a source, or takes one away; the standing consent learns of it and forgets it."""
        site = SITES[name][number % len(SITES[name])]
        must = self.model.projects[name]
        act = add_source if adds else remove_source
        arguments = ("homepage", f"{site}/") if adds else (f"{site}/",)
        is_new = adds and site not in must.sources
        may = must.maintains(who) and not (is_new and must.mode == ONLY)
        if not self.did(lambda: act(self.world, self.caller(who), name, *arguments), may=may):
            return
        if adds:
            must.sources.add(site)
            must.offered |= {f"{site}/{filename}" for filename in bodies(name)}
            if must.mode == CACHE and must.owns(who):
                self.model.named_a_place(name, who, site)
        else:
            self.model.forgot_a_place(name, site)

    @rule(name=PROJECT, who=WHO, version=sampled_from(["", "", "1.0"]))
    def somebody_plans(self, name: str, who: str, version: str) -> None:
        """A maintainer wants to see what there is."""
        must = self.model.projects[name]
        may = must.maintains(who) and must.mode != ONLY
        self.did(lambda: start_plan(self.world, self.caller(who), name, version or None), may=may)

    @rule(name=PROJECT, who=WHO)
    def somebody_opts_in(self, name: str, who: str) -> None:
        """A maintainer follows the link in a campaign's mail: the plan, and pypi-cache before it where that is needed."""
        must, model = self.model.projects[name], self.model
        was = must.mode
        may = must.maintains(who) and (
            was != ONLY or model.may_choose(name, who, CACHE, is_admin=False, consents=True)
        )
        tables = self.tables
        try:
            opt_in(self.world, self.caller(who), name, consents=True)
        except Refusal:
            # The mode is its own step, and stays when there is nothing to plan.
            if self.tables is tables:
                return
        assert may, f"{who} opted in for {name}"
        if was == ONLY:
            self.counts[Kind.MODE_CHANGED] += 1
            model.chosen(name, who, CACHE, None)

    @rule(name=PROJECT, who=WHO)
    def somebody_updates_the_cache(self, name: str, who: str) -> None:
        """A maintainer wants new files hosted."""
        must = self.model.projects[name]
        may, known = must.maintains(who) and must.mode == CACHE, len(self.tables.rehosts)
        self.did(lambda: start_update_cache(self.world, self.caller(who), name), may=may)
        is_new = len(self.tables.rehosts) > known
        assert self.model.is_covered(name) or not is_new, f"a call began, and nobody consents for {name}"

    @rule(name=PROJECT, who=WHO, version=sampled_from(["1.0", "2.0"]))
    def somebody_registers(self, name: str, who: str, version: str) -> None:
        """A maintainer registers a release, and does not wait."""
        metadata = CoreMetadata("1.0", name, version)
        self.ask(lambda: register_release(self.world, self.caller(who), metadata))

    @rule(name=PROJECT, number=FILE, variant=integers(0, 1), who=WHO)
    def somebody_uploads(self, name: str, number: int, variant: int, who: str) -> None:
        """A maintainer sends a file by hand."""
        must, filename = self.model.projects[name], sorted(bodies(name))[number]
        body, sha256 = bodies(name)[filename][variant], sha256_of(name, filename, variant)
        fields: dict[str, list[str]] = {}
        for field, value in upload_fields(filename, body):
            fields.setdefault(field, []).append(value)
        may = (
            must.maintains(who)
            and must.status == "active"
            and not must.is_frozen(filename)
            and must.names.get(filename, sha256) == sha256
        )
        with self.world.blobs.receive(self.world.limits.file_bytes) as incoming:
            incoming.write(body)
            if self.did(lambda: upload(self.world, self.caller(who), fields, filename, incoming), may=may):
                must.host(filename, sha256)

    @precondition(lambda self: any(must.hosted for must in self.model.projects.values()))
    @rule(name=PROJECT, who=WHO, filename=FILE, whole=booleans())
    def somebody_removes(self, name: str, who: str, filename: int, *, whole: bool) -> None:
        """An owner takes a file away, or a release; a maintainer tries to."""
        must, chosen = self.model.projects[name], sorted(bodies(name))[filename]
        version = version_of(chosen)
        gone = [one for one in must.hosted if version_of(one) == version and (whole or one == chosen)]
        may = must.owns(who) and not must.is_quarantined and not any(map(must.is_frozen, gone))
        names = () if whole else (chosen,)
        if self.did(
            lambda: remove(self.world, self.caller(who), name, version, reason="Gone.", filenames=names),
            may=may,
        ):
            for one in gone:
                del must.hosted[one]

    # Standing consent, and who has a say

    @rule(
        name=PROJECT,
        who=WHO,
        site=sampled_from([None, 0, 1, 2]),
        patterns=sampled_from(sorted(PATTERNS)),
        paths=sampled_from(sorted(PATHS)),
        days=sampled_from([0, 5, 60, 366]),
    )
    def somebody_gives_standing_consent(
        self, name: str, who: str, site: int | None, patterns: str, paths: str, days: int
    ) -> None:
        """An owner consents to what will be found, or says it anew on other terms; a maintainer tries to."""
        must, until = self.model.projects[name], self.model.today + timedelta(days=days)
        place = None if site is None else SITES[name][site % len(SITES[name])]
        wish = StandingWish([named(place)] if place else None, PATHS[paths], PATTERNS[patterns], until)
        may = must.owns(who) and must.mode == CACHE and 0 < days <= 365 and not must.is_quarantined
        outcome = self.ask(lambda: give_consent(self.world, self.caller(who), name, wish))
        if not isinstance(outcome, Refusal):
            assert may, f"{who} gave a standing consent for {name}"
            project = next(id_ for id_, one in self.tables.projects.items() if one.name.normalized == name)
            standing = self.tables.standing[project]
            there = must.standing.hosts if must.standing else set(map(origin, must.sources))
            hosts, wanted = set(map(meant, standing.hosts)), {origin(place)} if place else there
            assert hosts == wanted, f"{who} named {wanted}, consented is to {standing.hosts}"
            ends = standing.expires_at
            self.model.gave_standing(name, who, wanted, PATTERNS[patterns], ends, PATHS[paths])

    @rule(name=PROJECT, who=WHO)
    def somebody_withdraws_standing_consent(self, name: str, who: str) -> None:
        """An owner takes the standing consent back."""
        must = self.model.projects[name]
        may = must.owns(who) and must.standing is not None and must.standing.is_live
        if self.did(
            lambda: withdraw_consent(self.world, self.caller(who), name, "Sold."),
            may=may,
            kind=Kind.STANDING_CONSENT_WITHDRAWN,
        ):
            assert must.standing is not None
            must.standing.is_live = False

    @rule(name=PROJECT, who=sampled_from(["ada", "bob", "root"]), is_private=booleans())
    def somebody_hides(self, name: str, who: str, *, is_private: bool) -> None:
        """An owner or an administrator lets members only read a project, or everybody again."""
        must = self.model.projects[name]
        may = (must.owns(who) or who == "root") and not must.is_quarantined and must.is_private != is_private
        if self.did(
            lambda: change_visibility(self.world, self.caller(who), name, is_private=is_private),
            may=may,
            kind=Kind.VISIBILITY_CHANGED,
        ):
            must.is_private = is_private
        else:
            assert not may, f"{who} may say who reads {name}, and was refused"

    @rule(
        name=PROJECT,
        roles=sampled_from(
            [
                ("owner", "maintainer"),
                ("maintainer", "owner"),
                ("owner", "reader"),
                ("owner", ""),
                ("", "owner"),
            ]
        ),
    )
    def roles_change(self, name: str, roles: tuple[str, str]) -> None:
        """Ada and Bob have other roles than before, or none; one of them owns the project."""
        project = next(one for one in self.tables.projects.values() if one.name.normalized == name)
        for who, role in zip(PEOPLE, roles, strict=True):
            if role:
                grant(self.world, project, self.caller(who).user, Role(role))
            else:
                revoke(self.fakes.store, project, self.caller(who).user)
        self.model.projects[name].roles = {who: role for who, role in zip(PEOPLE, roles, strict=True) if role}
