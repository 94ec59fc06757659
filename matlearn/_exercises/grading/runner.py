"""Run one submitted notebook: ``python -m matlearn._exercises.grading.runner``, a job in, a result out.

The job comes as JSON on standard input, the result goes as JSON to standard output; the kernel has
neither of the two.
"""

from __future__ import annotations

import ctypes
import json
import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from matlearn._exercises.grading.kernel import Kernel, KernelEndedError, Reply
from matlearn._exercises.grading.limits import Limits, Watch
from matlearn._exercises.grading.originals import calls

INSIDE = "matlearn._exercises.grading.inside"
NOT_REACHED = "not reached: the notebook was stopped before"


class Run:
    """One notebook's run.

    Parameters
    ----------
    job
        ``cells`` (``id``, ``source``), ``checks`` (``identifier``, ``cell``, ``source``), ``root``,
        ``confined``, ``environment``, ``limits``.
    """

    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        self._token = secrets.token_hex(16)
        self._verdicts: dict[str, dict[str, Any]] = {}
        self._status = "ok"
        self._problem = ""

    def result(self) -> dict[str, Any]:
        """Run all cells, judge, and say what came of it."""
        job, limits = self._job, Limits(**self._job["limits"])
        root = Path(job["root"])
        watch = Watch(limits, root)
        try:
            kernel = Kernel(job["confined"], root, job["environment"], limits, watch)
            try:
                self._work(kernel)
            finally:
                kernel.close()
        except KernelEndedError as ended:
            self._note(ended.status, str(ended), worst=True)
        watch.close()
        identifiers = list(dict.fromkeys(check["identifier"] for check in job["checks"]))
        verdicts = {each: self._verdicts.get(each) for each in identifiers}
        return {
            "status": self._status,
            "problem": self._problem,
            "passed": {name: v["message"] for name, v in verdicts.items() if v and v["passed"]},
            "failed": {
                name: v["message"] if v else NOT_REACHED
                for name, v in verdicts.items()
                if not (v and v["passed"])
            },
            "hints": _hints(root / "results" / "answers.json", identifiers),
            "cpu_seconds": watch.cpu_seconds,
            "peak_bytes": watch.peak_bytes,
        }

    def _work(self, kernel: Kernel) -> None:
        arming = f"(__import__({INSIDE!r}, fromlist=['arm']).arm({self._token!r}, "
        results = str(Path(self._job["root"]) / "judged")
        armed = kernel.run("", {"armed": f"{arming}{results!r}), 'armed')[1]"}).values
        if armed.get("armed") != "armed":
            raise KernelEndedError(
                "killed", "the checks could not be loaded; is matlearn whole here?"
            )
        for number, cell in enumerate(self._job["cells"], start=1):
            try:
                reply = kernel.run(cell["source"])
            except KernelEndedError as ended:
                raise KernelEndedError(ended.status, f"code cell {number}: {ended}") from ended
            self._remember(number, reply)
            for check in self._job["checks"]:
                if (
                    check["identifier"] in calls(cell["source"])
                    or cell["id"] == check["cell"] != ""
                ):
                    self._judge(kernel, check)
        for check in self._job["checks"]:
            self._judge(kernel, check)

    def _remember(self, number: int, reply: Reply) -> None:
        if reply.state == "stopped":
            self._note("time", f"code cell {number} {reply.words}")
        elif reply.state == "error":
            self._note("error", f"code cell {number}: {reply.words}")

    def _note(self, status: str, words: str, *, worst: bool = False) -> None:
        """Keep the status that says most, and the first problem unless a worse one ends all."""
        if worst or not self._problem:
            self._problem = words
        if worst or self._status == "ok" or (self._status == "error" and status == "time"):
            self._status = status

    def _judge(self, kernel: Kernel, check: dict[str, str]) -> None:
        """Run our own check cell, unless it has passed; a first message stays if nothing is there later."""
        identifier = check["identifier"]
        before = self._verdicts.get(identifier)
        if before and before["passed"]:
            return
        words = f"{self._token!r}, {identifier!r}, {check['source']!r}, globals()"
        expression = f"__import__('sys').modules[{INSIDE!r}].judge({words})"
        reply = kernel.run("", {"verdict": expression})
        try:
            verdict = dict(json.loads(reply.values["verdict"]))
        except (KeyError, ValueError):
            said = f"its answer {reply.words}" if reply.words else "the check could not be run"
            verdict = {"passed": False, "message": said, "gone": None}
        if before is None or verdict["passed"] or (before["gone"] and not verdict["gone"]):
            self._verdicts[identifier] = verdict


def _hints(path: Path, identifiers: list[str]) -> dict[str, int]:
    """Hints that the notebook's cells asked for; the file is the submission's, so nothing is believed."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > 5_000_000:
            return {}
        entries = json.loads(path.read_text(encoding="utf-8"))["exercises"]
        seen = {name: entries[name]["hints"] for name in identifiers if name in entries}
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return {}
    return {name: number for name, number in seen.items() if type(number) is int and 0 < number < 9}


def _adopt_orphans() -> None:
    """Be the parent of what outlives its own, so that nothing gets away; end with our own parent."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def main() -> int:
    """Read the job, run it, write the result."""
    _adopt_orphans()
    print(json.dumps(Run(json.load(sys.stdin)).result()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
