"""Turning a solution's code into a prompt: what is asked stays, how it is done goes."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator

ANSWER = "  # your answer"
PROMPT = "# Your turn"
"""Stands where a solution cell begins without a comment."""


def prompt(source: str, later: str) -> str:
    """Make the prompt of a solution cell.

    Parameters
    ----------
    source
        The solution cell. Its leading comment lines are what is asked.
    later
        The code of all cells after it: names that are used there are asked for.

    Returns
    -------
    str
        The leading comment lines; imports whose names are used later; a signature, docstring and
        ``...`` for each function; ``name = ...`` for each name set at top level and used later.

    Raises
    ------
    ValueError
        If the code is no plain Python (a magic command, a syntax error).

    Examples
    --------
    >>> print(prompt("# How many atoms?\\ncell = 4\\nn = 8 * cell", "check('x.1a', n)"))
    # How many atoms?
    n = ...  # your answer
    """
    tree, lines = _parsed(source), source.splitlines()
    wanted = used(later)
    parts = [_leading_comments(source) or PROMPT]
    imports = [
        ast.unparse(node)
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom) and wanted & set(_bound(node))
    ]
    functions = [
        _skeleton(node, lines)
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    names = dict.fromkeys(name for node in tree.body for name in _assigned(node) if name in wanted)
    answers = [f"{name} = ...{ANSWER}" for name in names]
    return "\n".join([*parts, *imports, *functions, *answers])


def used(code: str) -> set[str]:
    """Names that code reads, inside functions too.

    Examples
    --------
    >>> sorted(used("print(a + b.c)"))
    ['a', 'b', 'print']
    """
    loads = (ast.Load, ast.Del)
    return {
        node.id
        for node in ast.walk(_parsed(code))
        if isinstance(node, ast.Name) and isinstance(node.ctx, loads)
    } | {
        node.target.id
        for node in ast.walk(_parsed(code))
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }


def checks(source: str) -> list[str]:
    """Identifiers of the checks that a cell calls, in order.

    Examples
    --------
    >>> checks('x = 2\\nml.exercises.check("lattice.2a", x)')
    ['lattice.2a']
    """
    found = []
    for node in ast.walk(_parsed(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first = node.args[0]
        if name == "check" and isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.append((node.lineno, node.col_offset, first.value))
    return [identifier for _, _, identifier in sorted(found)]


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        line = (error.text or "").strip()
        raise ValueError(
            f"a code cell is no plain Python ({error.msg}, line {error.lineno}: {line!r})"
        ) from error


def _leading_comments(source: str) -> str:
    """Give the comment lines before the first code."""
    comments: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comments.append(token.string)
        elif token.type not in (tokenize.NL, tokenize.NEWLINE):
            break
    return "\n".join(comments)


def _skeleton(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> str:
    """Give a function's decorators, signature, docstring and ``...``, as they were written."""
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    documented = ast.get_docstring(node) is not None
    body = node.body[0]
    if documented:
        end = body.end_lineno or body.lineno
        kept = lines[first - 1 : end]
    else:
        head = lines[first - 1 : body.lineno - 1] or [lines[first - 1]]
        if body.lineno == node.lineno:  # def f(x): return x
            head = [lines[node.lineno - 1][: body.col_offset].rstrip()]
        kept = [line for line in head if not line.lstrip().startswith("#")]
    return "\n".join([*kept, f"    ...{ANSWER}"])


def _assigned(node: ast.stmt) -> Iterator[str]:
    """Names that a statement at top level sets, in order; not those inside functions and classes."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.ClassDef):
        yield node.name
        return
    stores = [each for each in _here(node) if isinstance(each, ast.Name)]
    stores = [each for each in stores if isinstance(each.ctx, ast.Store)]
    for each in sorted(stores, key=lambda name: (name.lineno, name.col_offset)):
        yield each.id


def _here(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a statement without going into scopes of its own (functions, comprehensions)."""
    yield node
    inner = (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp)
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (*inner, ast.GeneratorExp)):
            yield from _here(child)


def _bound(node: ast.Import | ast.ImportFrom) -> Iterable[str]:
    return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
