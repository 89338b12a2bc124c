"""Which hosts are one registrant's: the registrable domain, by the public suffix list.

Only the suffixes of the registries themselves count. Below those that companies run, such as hosters of pages, each
name is another customer's and the servers are still one company's: they share a budget (T-25).
"""

from functools import cache

from publicsuffixlist import PublicSuffixList

from homeport.domain.urls import Url


def registrable_domain(url: Url) -> str:
    """The domain that somebody registered and the host of ``url`` belongs to; an address is its own."""
    if url.address is not None:
        return url.host
    return _suffixes().privatesuffix(url.host) or url.host


@cache
def _suffixes() -> PublicSuffixList:
    # Ten thousand names, read when the first one is asked for.
    return PublicSuffixList(only_icann=True)
