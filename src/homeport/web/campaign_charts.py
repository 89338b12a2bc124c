"""A campaign in pictures: how its projects stand, how that came over the days, and which notices were given."""

from collections.abc import Sequence

from homeport.domain.campaign import Stand
from homeport.domain.dashboard import StandDay
from homeport.flows.campaign.show import CampaignView
from homeport.web.day_chart import DayChart, Series, day_chart
from homeport.web.survey_charts import Line, Part, parts_of
from homeport.web.words import CAMPAIGN_STANDS, STAND_TONES

# What waits lies on top, where it is seen to shrink.
_FROM_BELOW = (Stand.MOVED, Stand.ACTED, Stand.EXEMPT, Stand.RELEASED, Stand.WAITING)


def stands_now(view: CampaignView) -> tuple[Part, ...]:
    """Projects by how they stand."""
    return parts_of(
        [
            (
                CAMPAIGN_STANDS[stand],
                view.of_stand(stand),
                STAND_TONES[stand],
                f"{view.campaign.path}projects/?stand={stand}",
            )
            for stand in _FROM_BELOW
            if stand is not Stand.RELEASED or view.of_stand(stand)
        ]
    )


def progress_chart(days: Sequence[StandDay]) -> DayChart:
    """The same over the days, from the announcement on."""
    return day_chart(
        [day.day for day in days],
        [
            Series(CAMPAIGN_STANDS[stand], STAND_TONES[stand], "", [day.projects[stand] for day in days])
            for stand in _FROM_BELOW
            if stand is not Stand.RELEASED or any(day.projects[stand] for day in days)
        ],
    )


def notices_given(view: CampaignView) -> tuple[Line, ...]:
    """Notices by step, as they follow each other; a person who maintains several projects was told of each."""
    most = max(view.told.values(), default=0)
    in_order = sorted(view.told.items(), key=lambda one: (-_days_before(one[0]), one[0]))
    return tuple(
        Line(_step(step), count, 100 * count / most, 0.0, "", "") for step, count in in_order if most
    )


def _days_before(step: str) -> int:
    return int(step.split("-")[1]) if "-" in step else 0


def _step(step: str) -> str:
    """A step in words: ``B-30`` is the notice of group B that comes 30 days before."""
    group, _, rest = step.partition("-")
    if not rest:
        return {"moved": "on the day", "cancelled": "that it was cancelled"}.get(step, step)
    days, _, again = rest.partition("-")
    return f"group {group}, {days} days before" + (", again" if again else "")
