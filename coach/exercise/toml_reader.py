"""Reads values out of a parsed TOML table and collects every problem instead of stopping at the first."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Problems:
    """Everything found wrong with one file, in reading order."""

    file: str
    found: list[str] = field(default_factory=list)

    def add(self, key: str, expected: str, got: object) -> None:
        """Note one problem: where, what was expected, what was there."""
        self.found.append(f"{self.file}: {key}: expected {expected}, got {_show(got)}")


class Table:
    """One TOML table.  Every getter returns a usable placeholder after noting a problem."""

    def __init__(self, values: dict[str, Any], path: str, problems: Problems) -> None:
        self._values = values
        self._path = path
        self._problems = problems
        self._known: list[str] = []
        self._bad: set[str] = set()

    def text(self, key: str, *, default: str | None = None) -> str:
        """A string that is not blank."""
        value = self._take(key, default)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._wrong(key, "some text", value)
        return ""

    def texts(self, key: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of strings that are not blank."""
        value = self._take(key, None if required else [])
        texts = isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
        if texts and (value or not required):
            return tuple(v.strip() for v in value)
        self._wrong(key, "a list of texts", value)
        return ()

    def choice(self, key: str, options: tuple[str, ...], *, default: str | None = None) -> str:
        """One of `options`."""
        value = self._take(key, default)
        if value in options:
            return str(value)
        self._wrong(key, "one of " + ", ".join(repr(o) for o in options), value)
        return options[0]

    def number(self, key: str, low: float, high: float, *, default: float | None = None) -> float:
        """A number within [low, high]."""
        value = self._take(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self._wrong(key, f"a number from {low:g} to {high:g}", value)
        return low

    def whole(self, key: str, low: int, high: int, *, default: int | None = None) -> int:
        """A whole number within [low, high]."""
        value = self._take(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._wrong(key, f"a whole number from {low} to {high}", value)
        return low

    def pair(
        self, key: str, low: float, high: float, *, default: tuple[float, float] | None = None
    ) -> tuple[float, float]:
        """Two increasing numbers within [low, high]."""
        value = self._take(key, list(default) if default else None)
        if (
            isinstance(value, list)
            and len(value) == 2
            and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
            and low <= value[0] < value[1] <= high
        ):
            return float(value[0]), float(value[1])
        self._wrong(key, f"two increasing numbers from {low:g} to {high:g}", value)
        return low, high

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._take(key, default)
        if isinstance(value, bool):
            return value
        self._wrong(key, "true or false", value)
        return default

    def table(self, key: str) -> "Table":
        """A nested table; an absent one reads as empty, so that its missing keys are reported."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self._wrong(key, f"a table [{key}]", value)
            value = {}
        return Table(value, self._where(key), self._problems)

    def tables(self, key: str) -> list["Table"]:
        """An array of tables, possibly empty."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self._wrong(key, f"tables [[{key}]]", value)
            return []
        return [Table(v, f"{self._where(key)}[{i + 1}]", self._problems) for i, v in enumerate(value)]

    def has(self, key: str) -> bool:
        """Whether the key is there; it then still has to be read."""
        return key in self._values

    def is_good(self, *keys: str) -> bool:
        """Whether nothing has been found wrong with these keys, so that they may be compared."""
        return self._bad.isdisjoint(keys)

    def reject(self, key: str, expected: str) -> None:
        """Note that a value which reads well makes no sense."""
        self._bad.add(key)
        self._problems.add(self._where(key), expected, self._values.get(key))

    def close(self) -> None:
        """Report the keys that nobody asked for."""
        for key, value in self._values.items():
            if key not in self._known:
                allowed = ", ".join(self._known)
                self._problems.add(self._where(key), f"only known keys here ({allowed})", value)

    def _take(self, key: str, default: object) -> Any:
        self._known.append(key)
        return self._values.get(key, default)

    def _where(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _wrong(self, key: str, expected: str, got: object) -> None:
        self._bad.add(key)
        self._problems.add(self._where(key), expected, got)


def _show(value: object) -> str:
    if value is None:
        return "nothing"
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
