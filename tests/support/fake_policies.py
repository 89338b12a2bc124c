"""What administrators decided, in memory: the policy, proposals, and freezes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.account import User
from homeport.domain.errors import Conflict
from homeport.domain.freeze import Freeze
from homeport.domain.hosting_policy import Decided, HostingPolicy
from homeport.domain.names import ReleaseVersion
from homeport.domain.proposal import Deed, Proposal


class FakePolicies:
    """``ports.policies.Policies``."""

    def __init__(self, tables: Tables) -> None:
        self._policies = tables.policies

    def current(self) -> HostingPolicy:
        """See the port."""
        return self.newest().policy

    def newest(self) -> Decided:
        """See the port."""
        return self._policies[-1] if self._policies else Decided(0, HostingPolicy())

    def put(self, policy: HostingPolicy, *, by: str, reason: str, at: datetime) -> Decided:
        """See the port."""
        decided = Decided(len(self._policies) + 1, policy, by, at, reason)
        self._policies.append(decided)
        return decided

    def decided(self, *, before: int = 0, limit: int) -> Sequence[Decided]:
        """See the port."""
        older = [one for one in self._policies if not before or one.revision < before]
        return older[: -limit - 1 : -1]


class FakeProposals:
    """``ports.proposals.Proposals``."""

    def __init__(self, tables: Tables) -> None:
        self._proposals = tables.proposals

    def add(self, deed: Deed, reason: str, *, by: User, at: datetime, expires_at: datetime) -> Proposal:
        """See the port."""
        number = len(self._proposals) + 1
        self._proposals[number] = Proposal(number, deed, reason, by.id, by.name, at, expires_at)
        return self._proposals[number]

    def put(self, proposal: Proposal) -> None:
        """See the port."""
        self._proposals[proposal.id] = proposal

    def find(self, proposal_id: int) -> Proposal | None:
        """See the port."""
        return self._proposals.get(proposal_id)

    def open(self, now: datetime) -> Sequence[Proposal]:
        """See the port."""
        return [one for one in self._proposals.values() if one.end is None and now < one.expires_at]

    def every(self, *, before: int = 0, limit: int) -> Sequence[Proposal]:
        """See the port."""
        older = [one for one in self._proposals.values() if not before or one.id < before]
        return older[: -limit - 1 : -1]


class FakeFreezes:
    """``ports.freezes.Freezes``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(
        self, project_id: int, version: ReleaseVersion, filename: str, reason: str, *, by: str, at: datetime
    ) -> Freeze:
        """See the port."""
        if self.find(project_id, version, filename) is not None:
            raise Conflict(f"{filename or version.normalized} is frozen already.", code="frozen-already")
        number = len(self._tables.freezes) + 1
        project = self._tables.projects[project_id].name.normalized
        freeze = Freeze(number, project, version.normalized, filename, reason, by, at)
        self._tables.freezes[number] = (project_id, freeze)
        self._mark(project_id, version)
        return freeze

    def end(self, freeze_id: int, *, by: str, at: datetime) -> None:
        """See the port."""
        project_id, freeze = self._tables.freezes[freeze_id]
        self._tables.freezes[freeze_id] = (project_id, replace(freeze, ended_at=at, ended_by=by))
        self._mark(project_id, ReleaseVersion.parse_legacy(freeze.version))

    def _mark(self, project_id: int, version: ReleaseVersion) -> None:
        live = {one.filename for one in self.of_project(project_id) if _key(one) == version.key}
        release = self._tables.releases.get((project_id, version.key))
        if release is not None:
            marked = replace(release, is_frozen="" in live)
            self._tables.releases[project_id, version.key] = marked
        for key, file in self._tables.files.items():
            if key[0] == project_id and file.version.key == version.key:
                self._tables.files[key] = replace(file, is_frozen=bool(live & {"", file.filename}))

    def find(self, project_id: int, version: ReleaseVersion, filename: str) -> Freeze | None:
        """See the port."""
        its = (one for one in self.of_project(project_id) if _key(one) == version.key)
        return next((one for one in its if one.filename == filename), None)

    def of_project(self, project_id: int) -> Sequence[Freeze]:
        """See the port."""
        return [one for of, one in self._tables.freezes.values() if of == project_id and one.is_live]

    def every(self, *, only_live: bool, before: int = 0, limit: int) -> Sequence[Freeze]:
        """See the port."""
        wanted = [
            one
            for _, one in self._tables.freezes.values()
            if (one.is_live or not only_live) and (not before or one.id < before)
        ]
        return wanted[: -limit - 1 : -1]


def _key(freeze: Freeze) -> str:
    return ReleaseVersion.parse_legacy(freeze.version).key
