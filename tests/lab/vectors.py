"""Ways to make a crawler speak to what it must not: the numbered set of threats.md §3.3, and what it asks for beside.

A vector is a URL. ``ends`` says how our fetch of it ends; ``opened`` are places the operator's rules open, so that
speaking to them is no leak.
"""

from dataclasses import dataclass
from urllib.parse import quote

RULES = "10.1.0.0/16:80,[fd12::]/16:80"
OPENED = frozenset({("10.1.2.3", 80), ("fd12::7", 80)})


@dataclass(frozen=True)
class Vector:
    """One way in. ``has_rules``: it is tried with the operator's rules ``RULES``."""

    id: str
    technique: str
    url: str
    ends: str = "refused"
    has_rules: bool = False


def redirected(to: str, status: int = 302, steps: int = 1) -> str:
    """A URL of the public site that leads to ``to``."""
    return f"http://public.test/to?s={status}&n={steps}&u={quote(to, safe='')}"


def _vectors(prefix: str, *rows: tuple[str, ...]) -> tuple[Vector, ...]:
    """Vectors from technique, URL, how it ends, and ``rules`` where the operator has some."""
    return tuple(
        Vector(
            f"{prefix}{number:02}", row[0], row[1], row[2] if len(row) > 2 else "refused", "rules" in row[3:]
        )
        for number, row in enumerate(rows)
    )


_META = "http://169.254.169.254/latest/meta-data/"

NUMBERED = _vectors(
    "V",
    # Spellings of IPv4.
    ("loopback", "http://127.0.0.1/"),
    ("loopback /8", "http://127.255.255.254/"),
    ("short form", "http://127.1/"),
    ("decimal", "http://2130706433/"),
    ("hex", "http://0x7f000001/"),
    ("hex dotted", "http://0x7f.0.0.1/"),
    ("octal dotted", "http://0177.0.0.1/"),
    ("octal whole", "http://017700000001/"),
    ("three parts", "http://127.0.1/"),
    ("0.0.0.0", "http://0.0.0.0/"),
    ("leading zeros", "http://127.0.0.01/"),
    # What clouds keep inside.
    ("metadata of many clouds", _META),
    ("metadata decimal", "http://2852039166/"),
    ("metadata hex", "http://0xa9fea9fe/"),
    ("metadata octal", "http://0251.0376.0251.0376/"),
    ("task metadata", "http://169.254.170.2/v2/"),
    ("metadata in shared space", "http://100.100.100.200/latest/"),
    ("wire server", "http://168.63.129.16/"),
    ("metadata in protocol space", "http://192.0.0.192/"),
    # Blocks of IPv4.
    ("RFC 1918 10/8", "http://10.0.0.1/"),
    ("RFC 1918 172.16/12", "http://172.31.255.254/"),
    ("RFC 1918 192.168/16", "http://192.168.0.1/"),
    ("carrier-grade NAT", "http://100.64.0.1/"),
    ("benchmarks", "http://198.18.0.1/"),
    ("class E", "http://240.0.0.1/"),
    # IPv6.
    ("v6 loopback", "http://[::1]/"),
    ("v6 unspecified", "http://[::]/"),
    ("v6 expanded", "http://[0:0:0:0:0:0:0:1]/"),
    ("v4-mapped dotted", "http://[::ffff:127.0.0.1]/"),
    ("v4-mapped hex", "http://[::ffff:a9fe:a9fe]/"),
    ("v4-compatible", "http://[::127.0.0.1]/"),
    ("SIIT", "http://[::ffff:0:7f00:1]/"),
    ("NAT64 loopback", "http://[64:ff9b::7f00:1]/"),
    ("NAT64 metadata", "http://[64:ff9b::a9fe:a9fe]/"),
    ("NAT64 local-use", "http://[64:ff9b:1::a9fe:a9fe]/"),
    ("6to4", "http://[2002:a9fe:a9fe::1]/"),
    ("Teredo", "http://[2001:0:7f00:1::1]/"),
    ("ULA metadata", "http://[fd00:ec2::254]/"),
    ("site-local", "http://[fec0::1]/"),
    ("documentation /20", "http://[3fff::1]/"),
    ("documentation /32", "http://[2001:db8::1]/"),
    ("discard-only", "http://[100::1]/"),
    ("zone", "http://[fe80::1%25lo]/"),
    # Names of this machine, and letters that are none.
    ("localhost", "http://localhost/"),
    ("localhost with a dot", "http://LOCALHOST./"),
    ("ip6-localhost", "http://ip6-localhost/"),
    ("full-width digits", "http://１２７．０．０．１/"),  # noqa: RUF001
    ("circled digits", "http://①②⑦.⓪.⓪.①/"),
    ("ideographic full stops", "http://127。0。0。1/"),
    # Where the host begins and ends.
    ("userinfo", "http://public.test@127.0.0.1/"),
    ("backslash in the authority", "http://127.0.0.1\\@public.test/"),
    ("backslash in the authority, turned", "http://public.test\\@127.0.0.1/"),
    ("blank in the host", "http://127.0.0.1 /"),
    ("tab in the host", "http://127.0.0.1\t/"),
    ("CRLF in the path", "http://127.0.0.1/%0d%0aX: y"),
    # Ports and schemes.
    ("port 22", "http://public.test:22/"),
    ("port 6379", "http://public.test:6379/"),
    ("internal port", "http://127.0.0.1:8080/"),
    ("file", "file:///etc/passwd"),
    ("gopher", "gopher://127.0.0.1:6379/_PING"),
    ("ftp", "ftp://127.0.0.1/"),
    ("data", "data:text/html,x"),
    ("unix socket", "http+unix://%2Fvar%2Frun%2Fdocker.sock/"),
    # Names that lead inside.
    ("name -> loopback", "http://a.test/"),
    ("name -> metadata", "http://meta.test/"),
    ("name -> RFC 1918", "http://priv.test/"),
    ("name -> carrier-grade NAT", "http://cgnat.test/"),
    ("name -> wire server", "http://azure.test/"),
    ("name -> v4-mapped", "http://mapped.test/"),
    ("name -> NAT64", "http://nat64.test/"),
    ("name -> NAT64 metadata", "http://nat64meta.test/"),
    ("name -> NAT64 local-use", "http://nat64local.test/"),
    ("name -> 6to4", "http://sixtofour.test/"),
    ("name -> Teredo", "http://teredo.test/"),
    ("name -> v4-compatible", "http://compat.test/"),
    ("name -> ULA", "http://ula.test/"),
    ("name -> site-local", "http://sitelocal.test/"),
    ("name -> documentation", "http://doc.test/"),
    ("name -> 0.0.0.0", "http://zero.test/"),
    ("name -> benchmarks", "http://bench.test/"),
    ("public and loopback", "http://mixed.test/"),
    ("public and v6 loopback", "http://mixed6.test/"),
    ("rebinding", "http://rebind1.test/", "public"),
    ("the index itself", "http://index.test/simple/"),
    # Redirects.
    ("301 to loopback", redirected("http://127.0.0.1/", 301)),
    ("302 to metadata", redirected(_META)),
    ("303 to metadata", redirected(_META, 303)),
    ("307 to metadata", redirected(_META, 307)),
    ("308 to metadata", redirected(_META, 308)),
    ("to a scheme-relative place", redirected("//169.254.169.254/")),
    ("to a name", redirected("http://a.test/")),
    ("to a decimal", redirected("http://2130706433/")),
    ("to v6 loopback", redirected("http://[::1]/")),
    ("over 2 hops", redirected(_META, steps=2)),
    ("to a rebinding name", redirected("http://rebind1.test/"), "public"),
    ("to a file", redirected("file:///etc/passwd")),
    ("to ftp", redirected("ftp://127.0.0.1/")),
    ("to the index", redirected("http://index.test/simple/")),
    ("to another port", redirected("http://public.test:22/")),
    ("to userinfo", redirected("http://public.test@127.0.0.1/")),
    ("to NAT64", redirected("http://[64:ff9b::a9fe:a9fe]/")),
    ("over 6 hops", redirected(_META, steps=6)),
)

FURTHER = _vectors(
    "X",
    ("Alt-Svc steers inside, asked again", "http://public.test/", "public"),
    ("HTTP/2 is offered, and steers by Alt-Svc", "https://site.test/", "public"),
    ("HTTP/2 frames unasked", "http://public.test/h2", "unreachable"),
    ("zone in a redirect", redirected("http://[fe80::1%25lo]/")),
    ("bare zone in a redirect", redirected("http://[fe80::1%lo]/")),
    ("link-local in a redirect", redirected("http://[fe80::1]/")),
    ("CNAME to an internal name", "http://cname.test/"),
    ("CNAME of a CNAME", "http://cname2.test/"),
    ("CNAME to localhost", "http://cnamelocal.test/"),
    ("CNAME to a name of /etc/hosts", "http://cnamehosts.test/", "unreachable"),
    ("CNAME in a redirect", redirected("http://cname.test/")),
    ("inside address only over TCP", "http://big.test/"),
    ("inside address as the last of ten", "http://tenlate.test/"),
    ("name of /etc/hosts", "http://intranet.test/"),
    ("single label of /etc/hosts", "http://intranet/"),
    ("metadata's name", "http://metadata.google.internal/computeMetadata/v1/"),
    ("name of /etc/hosts in a redirect", redirected("http://intranet.test/")),
    ("AAAA comes late and leads inside", "http://lateaaaa.test/"),
    ("A comes late and leads inside", "http://latea.test/"),
    ("the first address is dead, the second inside", "http://eyeballs.test/"),
    ("an inside proxy that routes by SNI", "https://sni.test/"),
    ("TLS to the index by its name", "https://index.test/"),
    ("the index by its address, another name", "http://own.test:8417/simple/", "refused", "rules"),
    ("TLS to loopback", "https://a.test/"),
    ("TLS to an address", "https://169.254.169.254/"),
    ("rebinding, another way", "http://rebind2.test/", "public"),
    ("class E by name", "http://classe.test/"),
    ("segment routing by name", "http://srv6.test/"),
    ("beside what the operator opened", "http://beside.test/", "refused", "rules"),
    ("half of it opened", "http://half.test/", "refused", "rules"),
    ("opened, but another port", "http://allowed.test:8080/", "refused", "rules"),
    ("opened, but over TLS", "https://allowed.test/", "refused", "rules"),
    ("opened for all but the index", "http://127.0.0.1:8417/", "refused", "rules"),
    ("from what is opened to what is not", redirected("http://10.2.0.1/"), "refused", "rules"),
    ("another spelling of what is opened", "http://10.66051/", "refused", "rules"),
    ("another spelling, v4-mapped", "http://[::ffff:10.1.2.3]/", "refused", "rules"),
)

CONTROLS = _vectors(
    "C",
    ("a public site", "http://public.test/", "public"),
    ("over TLS", "https://site.test/", "public"),
    ("over IPv6", "http://public6.test/", "public"),
    ("behind a redirect", redirected("http://both.test/"), "public"),
    ("behind a CNAME", "http://cnamepublic.test/", "public"),
    ("addresses over TCP", "http://bigpublic.test/", "public"),
    ("the first address is dead, the second public", "http://dead.test/", "public"),
    ("what the operator opened", "http://allowed.test/", "opened", "rules"),
    ("what the operator opened, by address", "http://[fd12::7]/", "opened", "rules"),
    ("a redirect into what is opened", redirected("http://allowed.test/"), "opened", "rules"),
)
