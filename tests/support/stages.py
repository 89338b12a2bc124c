"""Stages of one wheel, as their opener goes through them."""

from tests.support.archives import make_wheel
from tests.support.staging import claim

from homeport.domain.account import Caller
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.staged_claim import Hashing
from homeport.domain.staging import Stage
from homeport.flows.staging.add_file import add_file
from homeport.flows.staging.life import show_stage
from homeport.flows.staging.open_stage import open_stage
from homeport.flows.staging.receive import awaited, receive_bytes
from homeport.ports.world import World

NAME, DATA = "lark-1.0-py3-none-any.whl", make_wheel("lark", "1.0")


def opened(world: World, ada: Caller, version: str = "1.0", name: str = "lark") -> str:
    """The key of a new stage."""
    return open_stage(world, ada, ProjectName(name), ReleaseVersion.parse(version)).view.stage.key


def sent(world: World, ada: Caller, key: str, name: str = NAME, data: bytes = DATA) -> int:
    """The number of a file whose bytes are there."""
    number = add_file(world, ada, key, claim(name, data)).file.id
    send(world, ada, key, number, data)
    return number


def send(world: World, ada: Caller, key: str, number: int, data: bytes = DATA) -> None:
    """Send its bytes."""
    hashing = Hashing(awaited(world, ada, key, number))
    with world.blobs.receive(10**6) as incoming:
        incoming.write(data)
        hashing.update(data)
        receive_bytes(world, ada, key, number, incoming, hashing)


def the_stage(world: World, ada: Caller, key: str) -> Stage:
    """The stage as it stands."""
    return show_stage(world, ada, key).stage
