"""Names that look like names: words that many projects share, words that few do, glued as people glue them."""

import random
from collections.abc import Iterator
from itertools import accumulate

from homeport.domain.names import ProjectName

_COMMON_WORDS = """
python django flask api client tools sdk data test async core plugin utils server json http auto ml web cli
aws config simple fast db cloud ai stream graph text image file pytest model log cache task queue schema
parser bot event auth token search sync model kit lab flow net io sql time map geo chat mail form admin
report monitor metrics proxy crawl build docker kube azure google redis mongo kafka spark torch tensor keras
jupyter notebook type lint format doc sphinx theme color table plot chart math stats bayes neural vision
speech audio video game robot sensor device serial usb blue mesh crypto hash sign vault secret policy rule
engine logic agent prompt
"""
COMMON = tuple(_COMMON_WORDS.split())
_PARTS_OF_WORDS = """
ba be bi bo bu ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no ra re ri ro sa se si so ta te ti to va
ve vi vo xa xi za zo pha tri sta gra plo dre fen gol hax jor kyl
"""
_SYLLABLES = tuple(_PARTS_OF_WORDS.split())
_ENDINGS = ("", "", "n", "r", "s", "x", "th", "ly", "io", "py")
_COINED = 30_000
_FIRST_RANK = 3
_SHAPES = ("{0}", "{0}{1}", "{0}-{1}", "{0}_{1}", "{0}.{1}", "{0}-{1}-{2}", "{0}-{1}-{2}-{3}", "{0}-{1}{4}")
_WEIGHTS = (6, 14, 30, 10, 2, 24, 8, 6)


def project_names(seed: str) -> Iterator[ProjectName]:
    """Names without end, each project once, the same ones for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - the same names in every run
    words = _words(draw)
    # As Zipf found it: most words are rare, and a few are in every tenth name.
    popularity = list(accumulate(1 / (rank + _FIRST_RANK) for rank in range(len(words))))
    shapes = list(accumulate(_WEIGHTS))
    known: set[str] = set()
    while True:
        (shape,) = draw.choices(_SHAPES, cum_weights=shapes)
        text = shape.format(*draw.choices(words, cum_weights=popularity, k=4), draw.randrange(2, 100))
        if draw.random() < 0.1:  # noqa: PLR2004 - one of ten writes capitals
            text = text.title()
        name = ProjectName(text)
        if name.normalized not in known:
            known.add(name.normalized)
            yield name


def _words(draw: random.Random) -> list[str]:
    """Common words first, then coined ones, the most frequent first."""
    coined: dict[str, None] = {}
    while len(coined) < _COINED:
        parts = draw.choices(_SYLLABLES, k=draw.choice((2, 2, 3, 3, 4)))
        coined["".join(parts) + draw.choice(_ENDINGS)] = None
    return list(dict.fromkeys((*COMMON, *coined)))
