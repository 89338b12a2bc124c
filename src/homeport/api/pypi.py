"""``/pypi``: one address for forms, for XML-RPC calls, and for the list of classifiers."""

from starlette.requests import Request
from starlette.responses import Response

from homeport.api.answers import Answer
from homeport.api.documents import document, reading
from homeport.api.endpoint import Endpoint, Teller, endpoint
from homeport.api.errors import legacy_accident, legacy_refusal
from homeport.api.xmlrpc import is_call, xmlrpc_endpoint
from homeport.flows.reading import Who
from homeport.ports.world import World


def pypi_endpoint(world: World, forms: Endpoint) -> Endpoint:
    """Calls and the list are answered here, everything else by ``forms``."""
    calls = xmlrpc_endpoint(world)
    classifiers = endpoint(world, Teller(legacy_refusal, legacy_accident), reading(world, _classifiers))

    async def answer(request: Request) -> Response:
        if request.method == "POST":
            return await (calls if is_call(request) else forms)(request)
        asks_for_list = request.query_params.get(":action") == "list_classifiers"
        return await (classifiers if asks_for_list else forms)(request)

    return answer


def _classifiers(world: World, who: Who, request: Request) -> Answer:  # noqa: ARG001 - as every document has it
    from trove_classifiers import sorted_classifiers

    body = "".join(f"{classifier}\n" for classifier in sorted_classifiers).encode()
    return document(request, "text/plain; charset=utf-8", body)
