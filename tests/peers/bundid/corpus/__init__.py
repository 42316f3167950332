"""The corpus: answers that must be accepted and answers that must be refused, each with its reason."""

from dataclasses import dataclass, field
from typing import Callable

CASES = []


@dataclass(frozen=True)
class Case:
    name: str
    kind: str  # ok | bad | any: odd, to be taken or left, but quickly and without harm
    why: str
    make: Callable  # World → bytes of XML, or str: the form value itself
    demand: int | None = None  # the level that was asked for, when it is not the usual one
    signed: bool = True  # is the response signed?
    expect: dict = field(default_factory=dict)
    forced: bool = False  # was a new login demanded, however recent the last one?
    replays: str | None = None  # carries the same assertion as this other case


def ok(name, why, make, **more):
    CASES.append(Case(name, "ok", why, make, **more))


def bad(name, why, make, **more):
    CASES.append(Case(name, "bad", why, make, **more))


def any_way(name, why, make, **more):
    CASES.append(Case(name, "any", why, make, **more))


def cases():
    """All of them, in the order of the files."""
    # imported late: they fill the list, once
    from corpus import content, form, good, sealing, signatures, tampering, wrapping  # noqa: F401

    return CASES
