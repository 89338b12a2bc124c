"""What a link is: a release file, a page to visit, or nothing, with the reason.

The rules are those of easy_install (setuptools 58.0.0 ``package_index.py``; standards D.5), because what it
found is what installers were given.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The links of one foreign page, in the order of the page, absolute, entities decoded, each once.

    ``hrefs`` is every ``href`` found by rule 6. ``rel_hrefs`` are those that an *index* page asks to be followed
    (rules 7 and 8). ``problem`` says why a page could not be read to its end, else it is empty.
    """

    hrefs: tuple[str, ...] = ()
    rel_hrefs: tuple[str, ...] = ()
    problem: str = ""
