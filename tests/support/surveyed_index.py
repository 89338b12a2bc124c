"""An index that is surveyed: its projects, their links, and what a survey made of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.world import Fakes, add_project, drop_jobs

from homeport.domain.account import Caller
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project
from homeport.domain.survey import Letter
from homeport.flows.manage_project import add_source
from homeport.flows.survey import run, show
from homeport.flows.survey.start import start_survey, start_survey_of_all
from homeport.ports.world import World


@dataclass
class Index:
    """An index with an administrator, and an owner of projects."""

    fakes: Fakes
    admin: Caller
    owner: Caller

    @property
    def world(self) -> World:
        """Its world."""
        return self.fakes.world

    def project(self, name: str, *urls: str, mode: HostingMode = HostingMode.CACHE) -> Project:
        """A project that seeks its files on these pages."""
        project = add_project(self.world, self.owner.user, name, mode)
        for url in urls:
            add_source(self.world, self.owner, name, "homepage", url)
        return project

    def survey(self, name: str = "") -> show.SurveyView:
        """A survey of one project, or of all, from beginning to end."""
        if name:
            survey = start_survey(self.world, self.owner, name)
        else:
            survey = start_survey_of_all(self.world, self.admin)
        drop_jobs(self.fakes)
        run.look_at_projects(self.world, survey.id)
        run.finish_survey(self.world, survey.id)
        return show.show_survey(self.world, self.admin, survey.id)

    def seen(self, survey_id: int) -> Mapping[str, tuple[Letter | None, int, int]]:
        """Letter, external files and dead files, by project."""
        looks = show.list_looks(self.world, self.admin, survey_id).looks
        return {look.project: (look.letter, look.external_files, look.dead_files) for look in looks}

    def kinds(self) -> list[str]:
        """The kinds of notices that the administrator got."""
        with self.world.store.read() as tx:
            return [notice.kind for notice in tx.notices.of_user(self.admin.user.id, limit=9)]
