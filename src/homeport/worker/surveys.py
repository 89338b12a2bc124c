"""Surveys as durable work: one long step, which finds in the state tables what is left to do."""

from dbos import DBOS

from homeport.flows.survey.run import fail_survey, finish_survey, look_at_projects
from homeport.observe.events import event, trouble
from homeport.ports.jobs import Work
from homeport.ports.world import World
from homeport.worker.workflows import step


def register_surveys(world: World) -> None:
    """Give DBOS the function behind ``Work.SURVEY``."""

    def survey(survey_id: int) -> None:
        try:
            step("look", look_at_projects, world, survey_id)
            step("finish", finish_survey, world, survey_id)
        except Exception as error:
            # Nobody expected this, or it was tried in vain: it is told here, and the survey names the place to look.
            trouble("a survey failed", survey=survey_id, error=error)
            fail_survey(world, survey_id, f"An internal error: the log has it under survey={survey_id}.")
            raise
        event("survey done", survey=survey_id)

    DBOS.workflow(name=Work.SURVEY.value)(survey)
