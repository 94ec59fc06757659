"""A kernel of a submitted notebook: one request at a time, held to its limits, outputs thrown away."""

from __future__ import annotations

import ast
import contextlib
import queue
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matlearn._exercises.grading.limits import Limits, Watch

STARTING = 120.0
"""Seconds until a kernel must have answered; a busy machine is slow."""
GRACE = 5.0
"""Seconds in which an interrupted cell must end."""


class KernelEndedError(RuntimeError):
    """The kernel is no more; ``status`` is that of the row, the message says what happened."""

    def __init__(self, status: str, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Reply:
    """How a request ended: "ok", "error" or "stopped" (interrupted by us), in words, with values."""

    state: str
    words: str = ""
    values: dict[str, str] = field(default_factory=dict)


class Kernel:
    """Starts a kernel behind a confining command; to be closed.

    Parameters
    ----------
    confined
        Words that confine what stands behind them.
    root
        Temporary folder of the notebook: it works in ``root/work``.
    environment
        All variables that it gets.
    limits, watch
        What it may use, and who counts.
    """

    def __init__(
        self,
        confined: list[str],
        root: Path,
        environment: dict[str, str],
        limits: Limits,
        watch: Watch,
    ) -> None:
        import subprocess
        import sys

        from jupyter_client import KernelManager
        from jupyter_client.kernelspec import KernelSpec

        self._limits, self._watch = limits, watch
        connection = root / "kernel.json"
        self._manager = KernelManager(
            transport="ipc", ip=str(root / "k"), connection_file=str(connection)
        )
        words = [*confined, sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self._manager._kernel_spec = KernelSpec(
            argv=words, language="python", display_name="graded"
        )
        quiet = subprocess.DEVNULL
        self._manager.start_kernel(
            cwd=str(root / "work"), env=environment, stdout=quiet, stderr=quiet
        )
        self._client: Any = self._manager.blocking_client()
        # nobody listens to what cells print and show: a notebook cannot fill the grader's memory
        self._client.start_channels(iopub=False, stdin=False, hb=False)
        self._wait(self._client.kernel_info(), STARTING)

    def run(self, source: str, values: dict[str, str] | None = None) -> Reply:
        """Run some code; then evaluate expressions in the kernel and give their strings.

        Raises
        ------
        KernelEndedError
            If the kernel ended, by itself or because a limit was passed.
        """
        request = self._client.execute(
            source, silent=values is not None, user_expressions=values, allow_stdin=False
        )
        reply, stopped = self._wait_for_cell(request)
        if stopped:
            return Reply("stopped", stopped)
        if reply.get("status") != "ok":
            return Reply("error", _error(reply))
        found = reply.get("user_expressions", {})
        return Reply("ok", "", {name: _value(content) for name, content in found.items()})

    def close(self) -> None:
        """End the kernel at once."""
        self._client.stop_channels()
        with contextlib.suppress(Exception):
            self._manager.shutdown_kernel(now=True)

    def _wait_for_cell(self, request: str) -> tuple[dict[str, Any], str]:
        """Wait for a reply; interrupt when a cell takes too long, end the kernel if that is no help."""
        cpu, wall = self._watch.cpu_seconds, self._watch.wall_seconds
        limits = self._limits
        stopped, interrupted = "", 0.0
        while True:
            reply = self._next_reply(request)
            if reply is not None:
                return reply, stopped
            now = time.monotonic()
            if interrupted and now - interrupted > GRACE:
                raise KernelEndedError(
                    "time", f"{stopped} and would not end; nothing after it was run"
                )
            if not interrupted and self._watch.cpu_seconds - cpu > limits.cell_seconds:
                stopped = f"ran longer than {limits.cell_seconds:.0f} s (an endless loop?)"
            elif not interrupted and self._watch.wall_seconds - wall > limits.wall_seconds / 3:
                stopped = f"waited longer than {limits.wall_seconds / 3:.0f} s"
            if stopped and not interrupted:
                self._manager.interrupt_kernel()
                interrupted = now

    def _wait(self, request: str, seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            reply = self._next_reply(request)
            if reply is not None:
                return reply
        raise KernelEndedError("killed", f"the kernel did not answer within {seconds:.0f} s")

    def _next_reply(self, request: str) -> dict[str, Any] | None:
        """Give the reply if it comes within a moment; look whether the kernel lives."""
        try:
            message = self._client.get_shell_msg(timeout=0.1)
        except queue.Empty:
            message = None
        if message is not None and message["parent_header"].get("msg_id") == request:
            return dict(message["content"])
        if self._watch.breach is not None:
            raise KernelEndedError(self._watch.breach.status, self._watch.breach.words)
        if not self._manager.is_alive():
            raise KernelEndedError("killed", f"the kernel ended by itself ({self._ending()})")
        return None

    def _ending(self) -> str:
        process = getattr(self._manager.provisioner, "process", None)
        code = getattr(process, "returncode", None)
        if code is None or code >= 0:
            return f"exit code {code}"
        words = {
            signal.SIGKILL: "by signal 9, as when the machine runs out of memory",
            signal.SIGXCPU: "its CPU time was used up",
            signal.SIGXFSZ: "it wrote too large a file",
            signal.SIGSEGV: "a crash of compiled code",
        }
        return words.get(-code, f"by signal {-code}")


def _error(reply: dict[str, Any]) -> str:
    """An exception in one line."""
    name, text = reply.get("ename", "an error"), str(reply.get("evalue", ""))
    if name == "StdinNotImplementedError":
        return "asks the person at the keyboard with input(), and nobody is there"
    line = " ".join(text[:250].split()) + " ..." * (len(text) > 250)
    return f"{name}: {line}" if line else str(name)


def _value(content: dict[str, Any]) -> str:
    """The string that an expression gave."""
    if content.get("status") != "ok":
        return ""
    try:
        found = ast.literal_eval(content["data"]["text/plain"])
    except (KeyError, ValueError, SyntaxError):
        return ""
    return found if isinstance(found, str) else ""
