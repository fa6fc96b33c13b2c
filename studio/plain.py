"""Frozen dataclasses to and from plain JSON or TOML values, with every problem reported at once."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Dictionaries, lists and scalars only."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[T], data: Any, where: str, problems: list[str]) -> T | None:
    """A dataclass from plain values; what does not fit is appended to `problems` and None returned."""
    if not isinstance(data, Mapping):
        problems.append(f"{where}: expected a table, got {data!r}")
        return None
    hints = get_type_hints(kind)
    known = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(data) - set(known))
    if unknown:
        problems.append(f"{where}: unknown key(s) {unknown}; allowed keys are {sorted(known)}")
    required = [
        name
        for name, field in known.items()
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    missing = sorted(set(required) - set(data))
    if missing:
        problems.append(f"{where}: missing key(s) {missing}")
    before = len(problems)
    values = {
        name: _value(hints[name], data[name], f"{where}.{name}", problems) for name in known if name in data
    }
    return None if missing or len(problems) > before else kind(**values)


def _value(hint: Any, data: Any, where: str, problems: list[str]) -> Any:
    """One value of the annotated type."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):  # only `X | None` occurs
        return None if data is None else _value(args[0], data, where, problems)
    if origin is tuple:
        return _tuple(args, data, where, problems)
    if origin in (dict, Mapping):
        good = _checked(isinstance(data, Mapping), data, where, "a table", problems)
        items = good.items() if isinstance(good, Mapping) else ()
        return {str(k): _value(args[1], v, f"{where}.{k}", problems) for k, v in items}
    if dataclasses.is_dataclass(hint):
        return from_plain(hint, data, where, problems)  # type: ignore[arg-type]
    return _scalar(hint, data, where, problems)


def _scalar(hint: Any, data: Any, where: str, problems: list[str]) -> Any:
    if get_origin(hint) is Literal:
        options = get_args(hint)
        return _checked(data in options, data, where, f"one of {list(options)}", problems)
    is_number = isinstance(data, (int, float)) and not isinstance(data, bool)
    if hint is float:
        return _checked(is_number, float(data) if is_number else data, where, "a number", problems)
    good = is_number and isinstance(data, int) if hint is int else isinstance(data, hint)
    return _checked(good, data, where, f"a value of type {hint.__name__}", problems)


def _tuple(args: tuple[Any, ...], data: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(data, (list, tuple)):
        return _checked(False, data, where, "a list", problems)
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_value(args[0], v, f"{where}[{i}]", problems) for i, v in enumerate(data))
    if len(data) != len(args):
        return _checked(False, data, where, f"{len(args)} values", problems)
    pairs = zip(args, data, strict=True)
    return tuple(_value(a, v, f"{where}[{i}]", problems) for i, (a, v) in enumerate(pairs))


def _checked(good: bool, data: Any, where: str, expected: str, problems: list[str]) -> Any:
    if not good:
        problems.append(f"{where}: expected {expected}, got {data!r}")
    return data
