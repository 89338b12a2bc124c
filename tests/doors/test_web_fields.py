"""Form fields: what a browser would cut silently must not be a value."""

import re
from pathlib import Path

import homeport.web

TEMPLATES = Path(homeport.web.__file__).parent / "templates"
_FIELD = re.compile(r"<(?:input|textarea)\b(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*>")
# Free text, passwords and codes; addresses and digests, whose bound no valid one reaches; and what a list is searched by.
MAY_BE_CUT = {
    *("reason", "why", "cause", "answer", "text", "evidence", "label", "title", "display_name"),
    *("password", "own_password", "present", "code", "key", "hashes"),
    *("email", "sha256", "sha256-{{ item.id }}"),
}
SEARCHES = {
    *("home.html q", "base.html q", "users.html q", "hosts.html q", "stands.html q", "review.html q"),
    *("review.html version", "forgotten.html who", "overseen.html owner"),
    *("drift.html project", "drift.html host", "survey_links.html project", "survey_links.html host"),
    *(
        "exemptions.html project",
        "hosting_log.html project",
        "rehosts.html project",
        "campaign_projects.html project",
    ),
}


def test_no_browser_cuts_a_value_into_another_one() -> None:
    """A number, a day, a name, a version or a list that is too long is sent whole, and refused with its bound."""
    bounded = set()
    for template in TEMPLATES.glob("*.html"):
        for field in _FIELD.findall(template.read_text()):
            name = re.search(r' name="([^"]*)"', field)
            if "maxlength=" in field and name and name[1] not in MAY_BE_CUT:
                bounded.add(f"{template.name} {name[1]}")
    assert bounded <= SEARCHES, bounded - SEARCHES
    assert bounded, "there are bounded fields to look at"
