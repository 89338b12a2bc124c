"""Name servers of a domain, asked of the resolver that the operator named (dnspython)."""

import dns.exception
import dns.message
import dns.query
import dns.rdatatype

from homeport.domain.resolver import Resolver

_SECONDS = 3.0
# More are no delegation: the root itself has thirteen.
_MOST_SERVERS = 32


class DnsNameServers:
    """``ports.names.NameServers`` by one question, over UDP, or TCP where the answer does not fit."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def name_servers(self, domain: str) -> frozenset[str]:
        """See the port."""
        try:
            asked = dns.message.make_query(domain, dns.rdatatype.NS)
            answer, _ = dns.query.udp_with_fallback(
                asked,
                self._resolver.address,
                timeout=_SECONDS,
                port=self._resolver.port,
                ignore_unexpected=True,
            )
        except (dns.exception.DNSException, OSError, ValueError):
            return frozenset()
        names = [
            record.target.to_text(omit_final_dot=True).lower()
            for answers in answer.answer
            if answers.rdtype == dns.rdatatype.NS and answers.name == asked.question[0].name
            for record in answers
        ]
        return frozenset(names[:_MOST_SERVERS])
