"""Every hostile file there is, in one list."""

from tests.support.hostile.case import Hostile
from tests.support.hostile.large import LARGE
from tests.support.hostile.member_paths import MEMBER_PATHS
from tests.support.hostile.sdists import SDISTS
from tests.support.hostile.streams import STREAMS
from tests.support.hostile.tars import TARS
from tests.support.hostile.wheels import WHEELS
from tests.support.hostile.zip_entries import ZIP_ENTRIES
from tests.support.hostile.zip_files import ZIP_FILES

CORPUS: tuple[Hostile, ...] = (
    *ZIP_FILES,
    *ZIP_ENTRIES,
    *MEMBER_PATHS,
    *WHEELS,
    *STREAMS,
    *TARS,
    *SDISTS,
    *LARGE,
)
