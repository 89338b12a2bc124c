"""G-18: no file that we accept is read differently by anybody else (`make differential N=1000000` for many)."""

import os
from pathlib import Path

from tests.support.hostile import readers
from tests.support.hostile.mutations import Mutated, mutate
from tests.support.looks import codes, look

from homeport.domain.inspection import Verdict

_COUNT = int(os.environ.get("HOMEPORT_MUTATIONS", "3000"))
_FIRST = int(os.environ.get("HOMEPORT_FIRST_MUTATION", "0"))
# Starting programs takes most of the time: every so many-th accepted file is shown to them.
_SHOWN = int(os.environ.get("HOMEPORT_SHOWN_MUTATIONS", "40"))
_ENOUGH = 0.1


def test_readers_agree_on_whatever_is_accepted(tmp_path: Path) -> None:
    """Thousands of changed files: what is not rejected has the same members for every reader there is."""
    accepted = 0
    for seed in range(_FIRST, _FIRST + _COUNT):
        mutated = mutate(seed)
        inspection = look(mutated.data, mutated.expectation)
        assert "readers-disagree" not in codes(inspection), (seed, inspection.findings)
        if inspection.verdict is not Verdict.ACCEPT:
            continue
        accepted += 1
        require_one_view(seed, mutated, tmp_path if accepted % _SHOWN == 0 else None)
    assert accepted > _COUNT * _ENOUGH, "so few are accepted that nothing is compared"


def require_one_view(seed: int, mutated: Mutated, folder: Path | None) -> None:
    """Every reader lists the same paths, and the same sizes where it tells them."""
    filename = mutated.expectation.filename
    wanted = readers.by_python(mutated.data, filename)
    if folder is None:
        return
    path = folder / filename
    path.write_bytes(mutated.data)
    for program, read in readers.present(filename).items():
        listed = read(path)
        assert [name for name, _ in listed] == [name for name, _ in wanted], (seed, program)
        for (_, size), (name, right) in zip(listed, wanted, strict=True):
            assert None in {size, right} or size == right, (seed, program, name)
