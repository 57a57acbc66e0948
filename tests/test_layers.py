"""The flow goes one way: a module imports only from lower layers, or from its own package."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kms_lint"

LAYERS = [
    {"__main__"},
    {"cli"},
    {"api"},
    {"config"},
    {"formatters", "examples"},
    {"engine", "library", "ignores"},
    {"folding", "accounting"},
    {"identity", "placement", "checks", "match", "naming", "coverage"},
    {"rule"},
    {"reason"},
    {"load", "iam"},
    {"texts"},
    {"model", "finding"},
    {"syntax"},
    {"discovery"},
    {"files", "compiled"},
    {"errors", "compiled", "spelling"},
    {"source", "peers"},
    {"record"},
]
"""Top to bottom. Those that stand side by side do not import one another."""

ANYWHERE = {"__init__"}
"""The public names: they may import anything, lazily, and nothing imports them but for the version."""


def part(path: Path) -> str:
    """The part of the package that a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The parts of our package that a module imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "kms_lint":
            tail = node.module.split(".")[1:]
            names |= {tail[0]} if tail else {alias.name for alias in node.names} - {"__version__"}
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("kms_lint.")}
    return names


def height(name: str) -> int:
    return next(index for index, layer in enumerate(LAYERS) if name in layer)


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if part(path) not in ANYWHERE)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    own = part(path)
    assert any(own in layer for layer in LAYERS), f"{own} has no layer: say where it belongs"
    wrong = {name for name in imports(path) if name != own and height(name) <= height(own)}
    assert wrong == set()


LIBRARIES = {
    "click": {"cli"},
    "yaml": {"syntax", "compiled"},
    "tree_sitter": {"syntax"},
    "tree_sitter_hcl": {"syntax"},
    "jsonschema": {"library", "config"},
    "rich": {"cli", "formatters"},
    "pathspec": {"discovery", "ignores", "config"},
    "platformdirs": {"cli", "config"},
}
"""The only parts of the package that may import a library."""


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_a_library_is_imported_in_its_place_only(library: str) -> None:
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if any(name.split(".")[0] == library for name in names):
                found.add(part(path))
    assert found <= LIBRARIES[library]
