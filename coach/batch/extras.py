"""Packages that only some installations have: found when needed, or named in a plain sentence."""

import importlib
from importlib.util import find_spec
from typing import Any, Final

from coach.errors import UsageError

TABLES: Final = "batch"
CLUSTER: Final = "cluster"


def have(module: str) -> bool:
    """Whether the module is installed; it is not loaded."""
    return find_spec(module) is not None


def need(module: str, extra: str) -> Any:
    """The module; a `UsageError` that says what to install where it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(
            f"This needs {module}, which is not installed. Get it with: pip install 'hip-coach[{extra}]'."
        ) from error
