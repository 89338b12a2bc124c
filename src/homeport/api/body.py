"""A JSON body, read within a bound and asked for its fields by type; every problem is named at once."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeGuard, TypeVar

from starlette.requests import Request

from homeport.api.stream import small_body
from homeport.domain.errors import Invalid, Refusal, all_problems

T = TypeVar("T")
MAX_BODY_BYTES = 1024 * 1024
# A list of names is looked at while others wait to write.
MAX_TEXTS = 5_000
# No number here, of a row or a revision, has more digits, and no database takes many more.
MAX_NUMBER = 10**18 - 1


@dataclass(slots=True)
class Body:
    """A JSON object. Ask for every field, then ``finish``; what is missing, wrong or unknown is then refused."""

    values: Mapping[str, Any]
    _asked: set[str] = field(default_factory=set)
    _problems: list[str] = field(default_factory=list)

    def text(self, name: str, default: str | None = None) -> str:
        """A string; without ``default`` it must be there."""
        value = self._get(name, default)
        if not isinstance(value, str):
            self._problems.append(f"{name} must be a string.")
            return ""
        return value

    def typed(self, name: str, among: type[StrEnum] | None = None) -> str:  # noqa: ARG002 - for the outline
        """A string that must be there, and be ``among`` these: the flow tells that it is not, with all else that is wrong."""
        return self.text(name, "")

    def parsed(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """A string that ``parse`` understands, or ``default`` when it is absent."""
        value = self._get(name, None, is_optional=True)
        if value is None:
            return default
        try:
            return parse(value if isinstance(value, str) else "")
        except (Refusal, ValueError) as error:
            if isinstance(parse, type) and issubclass(parse, StrEnum):
                self._problems.append(f"{name} must be one of {', '.join(parse)}.")
            else:
                self._problems.append(f"{name}: {error}")
            return default

    def wanted(self, name: str, parse: Callable[[str], T]) -> T | None:
        """A string that must be there and that ``parse`` understands; ``None`` is a problem, told by ``finish``."""
        if isinstance(self.values.get(name), str):
            return self.parsed(name, parse, None)
        self.text(name)
        return None

    def flag(self, name: str) -> bool:
        """A boolean, ``False`` when it is absent."""
        value = self._get(name, default=False)
        if not isinstance(value, bool):
            self._problems.append(f"{name} must be true or false.")
            return False
        return value

    def number(self, name: str) -> int:
        """An integer that is not negative, 0 when it is absent."""
        value = self._get(name, 0)
        if not _is_number(value) or value < 0:
            self._problems.append(f"{name} must be a number.")
            return 0
        return value

    def wanted_flag(self, name: str) -> bool:
        """A boolean that must be there."""
        if name not in self.values:
            self._get(name, None)
            return False
        return self.flag(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, empty when it is absent."""
        value = self._get(name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            self._problems.append(f"{name} must be a list of strings.")
            return ()
        if len(value) > MAX_TEXTS:
            self._problems.append(f"{name} holds {len(value):,} strings: at most {MAX_TEXTS:,} are taken.")
            return ()
        return tuple(value)

    def numbers(self, name: str) -> frozenset[int] | None:
        """A list of integers, or ``None`` when it is absent."""
        value = self._get(name, None, is_optional=True)
        if value is None:
            return None
        if not isinstance(value, list) or not all(map(_is_number, value)):
            self._problems.append(f"{name} must be a list of numbers.")
            return None
        return frozenset(value)

    def texts_by_number(self, name: str, parse: Callable[[str], T]) -> dict[int, T]:
        """An object whose keys are numbers, empty when it is absent."""
        value = self._get(name, {})
        found: dict[int, T] = {}
        if not isinstance(value, dict):
            self._problems.append(f"{name} must be an object.")
            return found
        for key, text in value.items():
            try:
                found[int(key)] = parse(str(text))
            except (Refusal, ValueError) as error:
                self._problems.append(f"{name}.{key}: {error}")
        return found

    def named(self, names: Collection[str]) -> dict[str, object]:
        """Those of these fields that are there, whatever they hold."""
        self._asked.update(names)
        return {name: self.values[name] for name in names if name in self.values}

    def finish(self) -> None:
        """``Invalid`` with everything that was wrong."""
        unknown = sorted(set(self.values) - self._asked)
        if unknown:
            known = ", ".join(sorted(self._asked)) or "none"
            self._problems.append(f"Unknown fields: {', '.join(unknown)}; known are {known}.")
        all_problems("The request", self._problems, code="body-invalid")

    def _get(self, name: str, default: Any, *, is_optional: bool = False) -> Any:
        self._asked.add(name)
        if name not in self.values and default is None and not is_optional:
            self._problems.append(f"{name} is missing.")
            return ""
        return self.values.get(name, default)


def _is_number(value: object) -> TypeGuard[int]:
    return type(value) is int and abs(value) <= MAX_NUMBER


async def read_body(request: Request) -> Body:
    """The request's JSON object; no body is an empty one."""
    data = await small_body(request, MAX_BODY_BYTES)
    try:
        values = json.loads(data) if data.strip() else {}
        # JSON can spell half a character (a lone surrogate), which nothing can store.
        json.dumps(values, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Invalid("The body is not JSON.", code="body-invalid") from None
    if not isinstance(values, dict):
        raise Invalid("The body must be a JSON object.", code="body-invalid")
    return Body(values)
