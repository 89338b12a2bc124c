"""The fake store's fetches under way."""

from collections.abc import Sequence

from tests.support.fake_tables import Tables

from homeport.domain.progress import Fetching


class FakeFetches:
    """``ports.progress.Fetches``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, fetching: Fetching) -> None:
        """See the port."""
        if fetching.item_id not in self._tables.items:
            raise AssertionError(f"item {fetching.item_id} does not exist")
        self._tables.fetches[fetching.item_id] = fetching

    def forget(self, item_id: int) -> None:
        """See the port."""
        self._tables.fetches.pop(item_id, None)

    def forget_all(self, rehost_id: int) -> None:
        """See the port."""
        told = self._tables.fetches.items()
        self._tables.fetches = {key: one for key, one in told if one.rehost_id != rehost_id}

    def of_rehost(self, rehost_id: int) -> Sequence[Fetching]:
        """See the port."""
        found = (one for one in self._tables.fetches.values() if one.rehost_id == rehost_id)
        return sorted(found, key=lambda one: one.item_id)
