"""What must hold after every step of the transition: what strangers are shown, and what the ledger tells, is as the model says."""

from hypothesis.stateful import invariant
from tests.support.invariants import broken
from tests.support.project_lists import stored_list
from tests.support.transition_hook import mentions
from tests.support.transition_model import Must
from tests.support.transition_reads import html_page, json_page, pypi_json
from tests.support.transition_stage import ADMINS, COUNTED, STANDING, Stage, bodies, sha256_of


class Promises(Stage):
    """The stage, watched."""

    @invariant()
    def everything_is_as_it_must_be(self) -> None:
        """Modes, what strangers are shown, and the ledger are as the model says; I-01 to I-08, I-12, I-16 and I-17 hold."""
        assert not self.trouble, self.trouble
        if self.seen is self.tables:
            return
        self.seen = self.tables
        for project in self.tables.projects.values():
            name = project.name.normalized
            must = self.model.projects[name]
            assert project.mode == must.mode, f"{name} is {project.mode}, and must be {must.mode}"
            self._require_public(name, must)
        listed = {one.normalized for one in stored_list(self.fakes.store)}
        known = {name for name, must in self.model.projects.items() if must.is_listed}
        assert listed == known, f"listed is {listed}, strangers may know of {known}"
        self._require_entries()
        self._require_discreet()
        assert broken(self.fakes) == []
        assert self.history.broken() == []

    def _require_public(self, name: str, must: Must) -> None:
        public = must.public
        html, json_ = html_page(self.fakes, name), json_page(self.fakes, name)
        for what, shown in (("HTML", html), ("JSON", json_)):
            for filename in shown.files.keys() - public.keys():
                why = "I-12: frozen" if filename in must.hosted else "I-05: nobody agreed to"
                raise AssertionError(f"{why}: {filename} is on the {what} page of {name}")
            assert shown.files == public, f"the {what} page of {name} shows {shown.files}, wanted is {public}"
        self.require(self.model.wrong_links(name, html.elsewhere))
        # JSON has no place for what nobody knows the digest of.
        self.require(self.model.wrong_links(name, json_.elsewhere, html.hashed))
        document, told = pypi_json(self.fakes, name) or {}, {} if must.is_private else public
        assert document == told, f"PyPI's JSON of {name} tells strangers of {document}, wanted is {told}"
        for filename, variants in bodies(name).items():
            for variant, body in enumerate(variants):
                self._require_file(must, filename, sha256_of(name, filename, variant), body)

    def _require_file(self, must: Must, filename: str, sha256: str, body: bytes) -> None:
        answer = self.reader.ask(sha256, filename)
        if must.public.get(filename) == sha256:
            assert answer.status == 200, f"{filename} is answered with {answer.status}"
            assert answer.body == body, f"I-01: {filename} has other bytes"
            assert answer.is_private == must.is_private, f"{filename} is for other people than {must}"
            return
        is_frozen = must.hosted.get(filename) == sha256 and not must.is_quarantined
        wanted = self.model.rules.frozen_status if is_frozen else 404
        assert answer.status == wanted, (
            f"{filename}, {sha256}, is answered with {answer.status}, not {wanted}"
        )
        beside = self.reader.ask(sha256, f"{filename}.metadata")
        assert beside.status == wanted, f"the metadata of {filename} are answered with {beside.status}"

    def _require_entries(self) -> None:
        """I-16: every change that the model knows of is one entry, and there is no other."""
        news = self.entries(self.counted_to)
        self.counted_to += len(news)
        self.found.update(entry["kind"] for entry in news if entry["kind"] in COUNTED)
        assert self.found == self.counts, (
            f"I-16: entries {self.found - self.counts}, changes {self.counts - self.found}"
        )
        self.standing += sum(entry["kind"] in STANDING for entry in news)
        assert self.standing == len(self.tables.standing_lines), "I-16: a standing consent changed unseen"

    def _require_discreet(self) -> None:
        """A person is not told anew of what is for members only, unless they are one or look after the index."""
        news, self.noticed = self.tables.notices[self.noticed :], len(self.tables.notices)
        hidden = {name: must for name, must in self.model.projects.items() if must.is_private}
        if not (news and hidden):
            return
        names = {user.id: user.name for user in self.tables.users.values()}
        for owner, notice in news:
            for name, must in hidden.items():
                is_told = mentions(f"{notice.subject} {notice.text} {notice.path}", name)
                may = names[owner] in ADMINS or names[owner] in must.roles
                assert may or not is_told, f"{names[owner]} was told of {name}, for members only: {notice}"
