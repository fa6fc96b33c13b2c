"""Arrows point one way: nobody imports a higher floor, and heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "coach"

FLOORS = {
    "errors": 0, "body": 1, "rotation": 2, "exercise": 3, "pipeline": 4, "rom_pipeline": 4, "live": 5,
    "vision": 6, "output": 6,
}  # fmt: skip
ABOVE_OUTPUT = 7
TOP = 9
"""Whatever is not named is an application (jobs, batch) or, on top, the command line or the page."""

COMMAND_LINE = {"cli", "commands", "__main__", "doctor", "web"}

ALLOWED = {
    "cv2": {"vision", "output", "web"},
    "mediapipe": {"vision", "doctor"},
    "av": {"vision", "output", "doctor"},
    "rich": {"output", "vision", "cli", "commands", "jobs", "batch", "doctor"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "pydantic": {"web"},
    "matplotlib": set(),
    "pandas": set(),
    "scipy": set(),
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def unit_of(parts):
    """`coach.body.pose` belongs to `body`, `coach.cli` to `cli`, `coach` itself to nothing."""
    return parts[1] if len(parts) > 1 else ""


def unit_of_file(path):
    return unit_of(("coach", *path.relative_to(PACKAGE).with_suffix("").parts))


def floor_of(unit):
    return TOP if unit in COMMAND_LINE else FLOORS.get(unit, ABOVE_OUTPUT)


@cache
def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path):
    """Dotted names of everything that a module imports, anywhere in it, with line numbers."""
    package = ["coach", *path.relative_to(PACKAGE).parts[:-1]]
    found = []
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found.append((module, node.lineno))
            if module == "coach":
                found += [(f"coach.{alias.name}", node.lineno) for alias in node.names]
    return found


def test_the_modules_are_found():
    units = {unit_of_file(p) for p in MODULES}
    assert set(FLOORS) - {"live"} <= units
    assert "cli" in units


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_no_higher_floor(path):
    own = unit_of_file(path)
    for name, line in imports_of(path):
        parts = name.split(".")
        if parts[0] != "coach" or unit_of(parts) in {"", "__version__", own}:
            continue
        assert floor_of(unit_of(parts)) <= floor_of(own), f"{path}:{line} imports {name}"


def test_no_modules_import_each_other_in_a_circle():
    names = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in MODULES}
    arrows = {own: {name for name, _ in imports_of(path) if name in names} for own, path in names.items()}
    TopologicalSorter(arrows).prepare()  # raises CycleError, which names the circle


def test_vision_and_output_know_of_each_other_only_how_to_write_a_file_whole():
    for path in MODULES:
        own = unit_of_file(path)
        for name, line in imports_of(path):
            if own == "vision" and name.startswith("coach.output"):
                assert name == "coach.output.atomic", f"{path}:{line} imports {name}"
            assert not (own == "output" and name.startswith("coach.vision")), f"{path}:{line} imports {name}"


@pytest.mark.parametrize("library", ALLOWED)
def test_a_third_party_library_stays_where_it_belongs(library):
    users = {
        unit_of_file(p): p for p in MODULES for name, _ in imports_of(p) if name.split(".")[0] == library
    }
    assert set(users) <= ALLOWED[library], users


@pytest.mark.parametrize("path", [p for p in MODULES if floor_of(unit_of_file(p)) <= FLOORS["live"]],
                         ids=lambda p: str(p.relative_to(ROOT)))  # fmt: skip
def test_the_lower_floors_need_numpy_and_the_standard_library_only(path):
    roots = {name.split(".")[0] for name, _ in imports_of(path)} - {"coach", "numpy"}
    assert roots <= set(sys.stdlib_module_names)


FILES_AND_NETWORK = {"socket", "urllib", "http", "subprocess", "shutil", "tempfile", "pathlib", "io", "os"}


@pytest.mark.parametrize("path", [p for p in MODULES if unit_of_file(p) in {"body", "rotation"}],
                         ids=lambda p: str(p.relative_to(ROOT)))  # fmt: skip
def test_body_and_rotation_do_no_input_or_output(path):
    assert {name.split(".")[0] for name, _ in imports_of(path)}.isdisjoint(FILES_AND_NETWORK)
    calls = {n.func.id for n in ast.walk(parse(path))
             if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}  # fmt: skip
    assert calls.isdisjoint({"open", "print", "input"})


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_error_is_swallowed_unseen(path):
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{path}:{node.lineno} has a bare except"


def modules_after(statement):
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_starting_the_command_line_loads_nothing_heavy():
    loaded = modules_after("import coach.cli")
    assert "coach.cli" in loaded
    assert loaded.isdisjoint({"numpy", "cv2", "mediapipe", "rich", "av", "platformdirs", "flatbuffers"})


def test_measuring_and_counting_load_neither_pictures_nor_networks():
    loaded = modules_after("import coach.pipeline")
    assert "numpy" in loaded
    assert loaded.isdisjoint({"cv2", "mediapipe", "rich", "av", "scipy", "matplotlib"})
