"""What judges inside a submission's kernel: our check cell as it stands in ours, on what is left there."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
from collections.abc import Callable
from typing import Any, TypeGuard

from matlearn._exercises.verdicts import Verdict

_judges: dict[str, Callable[[str, Any], Verdict]] = {}


def arm(token: str, results: str) -> None:
    """Hold fast the check before any cell of the submission has run.

    Parameters
    ----------
    token
        Random word of this run: no judging without it.
    results
        Folder for the answers that the judging records: not the one that the cells see.
    """
    from matlearn import exercises

    check = exercises.check

    def judged(identifier: str, answer: Any) -> Verdict:
        before = os.environ.get("MATLEARN_RESULTS")
        os.environ["MATLEARN_RESULTS"] = results
        try:
            return check(identifier, answer)
        finally:
            if before is None:
                os.environ.pop("MATLEARN_RESULTS", None)
            else:
                os.environ["MATLEARN_RESULTS"] = before

    _judges[token] = judged


def judge(token: str, identifier: str, source: str, names: dict[str, Any]) -> str:
    """Run a check cell of ours on a submission's names.

    Parameters
    ----------
    token
        As given to :func:`arm`.
    identifier
        Of the check.
    source
        The check cell as it stands in our notebook; its last line calls the check.
    names
        What the submission's cells left.

    Returns
    -------
    str
        JSON: ``passed``, ``message``, and ``gone``, the name that is not there (or None).
    """
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        passed, message, gone = _judge(_judges[token], identifier, source, names)
    return json.dumps({"passed": passed, "message": message[:2000], "gone": gone})


def _judge(
    check: Callable[[str, Any], Verdict], identifier: str, source: str, names: dict[str, Any]
) -> tuple[bool, str, str | None]:
    *before, last = ast.parse(source).body
    call = next(node for node in ast.walk(last) if _is_check(node, identifier))
    answers = [*call.args[1:], *(word.value for word in call.keywords)]
    try:
        exec(compile(ast.Module(before, []), "<our check cell>", "exec"), names)
        (answer,) = (
            eval(compile(ast.Expression(each), "<our check cell>", "eval"), names)
            for each in answers
        )
    except NameError as error:
        return (
            False,
            f"the name `{error.name}` is gone: its cell was changed or stopped",
            error.name,
        )
    except Exception as error:  # noqa: BLE001 (whatever strange answers raise)
        return False, f"the check cell stopped: {type(error).__name__}: {error}", None
    try:
        verdict = check(identifier, answer)
    except Exception as error:  # noqa: BLE001 (also our own faults are told, not raised)
        return False, f"the check itself failed: {type(error).__name__}: {error}", None
    return verdict.passed is True, str(verdict.message), None


def _is_check(node: ast.AST, identifier: str) -> TypeGuard[ast.Call]:
    """Whether a node is the call ``...check("identifier", ...)``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id) == "check"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == identifier
    )
