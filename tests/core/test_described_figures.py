"""Every public function that draws says in words what it drew."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from matlearn import plotting

CHAPTERS = ("lattice", "phonons", "potentials", "regression", "search", "transport")


def drawing() -> Iterator[tuple[str, Callable[..., Any]]]:
    yield "plotting.parity", plotting.parity
    for chapter in CHAPTERS:
        module = importlib.import_module(f"matlearn.{chapter}.plots")
        for name in getattr(module, "__all__", dir(module)):
            function = getattr(module, name)
            if inspect.isfunction(function) and function.__module__ != "matlearn.plotting":
                returned = str(inspect.signature(function).return_annotation)
                if "Axes" in returned or "Figure" in returned:
                    yield f"{chapter}.plots.{name}", function
    yield from methods()


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The methods of results that return axes: `plot` and its like."""
    root = Path(plotting.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if re.search(r"^    def [\s\S]*?-> Axes:", path.read_text(encoding="utf-8"), re.MULTILINE):
            name = ".".join(path.relative_to(root.parent).with_suffix("").parts)
            for one in vars(importlib.import_module(name)).values():
                if inspect.isclass(one) and one.__module__ == name:
                    for key, function in vars(one).items():
                        drawn = getattr(function, "__annotations__", {}).get("return") == "Axes"
                        if inspect.isfunction(function) and drawn:
                            yield f"{name}.{one.__name__}.{key}", function


DRAWING = dict(drawing())


def imported_inside(function: FunctionType) -> dict[str, Any]:
    """What a function imports when it is called."""
    found = {}
    package = function.__module__.rpartition(".")[0]
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.ImportFrom) and (node.level or "matlearn" in str(node.module)):
            module = importlib.import_module("." * node.level + (node.module or ""), package)
            found |= {one.asname or one.name: getattr(module, one.name, None) for one in node.names}
    return found


def described(function: FunctionType, seen: set[int]) -> bool:
    """Whether the function calls `describe`, by itself or through another one of matlearn's."""
    if id(function) in seen:
        return False
    seen.add(id(function))
    code = inspect.unwrap(function).__code__
    names = {*code.co_names, *code.co_freevars}
    for constant in code.co_consts:  # functions inside it
        if inspect.iscode(constant):
            names |= set(constant.co_names)
    if "describe" in names:
        return True
    known = function.__globals__ | imported_inside(inspect.unwrap(function))
    for name in names:
        called = known.get(name)
        if isinstance(called, FunctionType) and called.__module__.startswith("matlearn"):
            if described(called, seen):
                return True
        elif inspect.ismodule(called) and called.__name__.startswith("matlearn"):
            inside = [getattr(called, other, None) for other in names]
            if any(isinstance(one, FunctionType) and described(one, seen) for one in inside):
                return True
    return False


def handed_on(function: Callable[..., Any]) -> bool:
    """Whether a method hands over to another one here: `.plot()` of a part, or `draw(name, ...)`."""
    code = inspect.unwrap(function).__code__
    chapter = function.__module__.split(".")[1]
    named = (f"{chapter}.plots.{one}" in DRAWING for one in code.co_consts)
    return "plot" in code.co_names or ("draw" in code.co_names and any(named))


def test_there_are_figures_to_look_at() -> None:
    assert len(DRAWING) > 120


@pytest.mark.parametrize("name", DRAWING)
def test_a_figure_is_described(name: str) -> None:
    assert handed_on(DRAWING[name]) or described(DRAWING[name], set()), (
        f"{name} draws without plotting.describe(...)"
    )
