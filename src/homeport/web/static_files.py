"""The style sheet, the script and the icon: read once, named by their digest, kept by browsers for a year."""

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from homeport.domain.digests import Sha256

_FOLDER = Path(__file__).with_name("static")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """Every file by its name."""

    bodies: dict[str, bytes]

    @classmethod
    def read(cls) -> "StaticFiles":
        """The files as they lie beside this module."""
        return cls({path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.suffix in _TYPES})

    def url(self, name: str) -> str:
        """Where the file is; other bytes are elsewhere."""
        return f"/static/{name}?v={Sha256.of(self.bodies[name]).hex[:_DIGITS]}"

    async def answer(self, request: Request) -> Response:
        """The file that is asked for."""
        name = request.path_params["name"]
        body = self.bodies.get(name)
        if body is None:
            return PlainTextResponse("There is no such file.\n", 404)
        headers = {
            "cache-control": "public, max-age=31536000, immutable",
            "x-content-type-options": "nosniff",
            # An icon is a document of its own when it is opened: it may do nothing either.
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
        }
        return Response(body, 200, headers, _TYPES[Path(name).suffix])
