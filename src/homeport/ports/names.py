"""Who answers for a domain."""

from typing import Protocol


class NameServers(Protocol):
    """Asks the domain name system."""

    def name_servers(self, domain: str) -> frozenset[str]:
        """The names of the servers that ``domain`` is delegated to, in lower case; none when that cannot be learned now."""
        ...
