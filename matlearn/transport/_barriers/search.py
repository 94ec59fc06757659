"""From two states to the path between them, stage by stage, each kept when it is done."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.transport._barriers import ends, files
from matlearn.transport._barriers.band import Band, Shared, first_guess, rattled
from matlearn.transport._barriers.result import MigrationPath, made

EVERY = 2.0
"""Seconds between two times that a moving band is kept."""
ROUGH = 5.0
"""A band comes to rest to this many times fmax before its highest image climbs."""
LEVEL = 0.002
"""Energies of equivalent ends that differ by more than this (eV) are not converged."""
LOPSIDED = 0.05
"""Part of the barrier by which a path may differ from its mirror image."""
DIP = 0.02
"""A minimum on the way that is deeper than this (eV) is a state of its own."""


def digest(atoms: Atoms) -> str:
    """Name a structure: another for any other element, position or cell."""
    found = hashlib.sha256(atoms.numbers.astype(np.int64).tobytes())
    for array in (atoms.positions, atoms.cell.array, atoms.pbc):
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:16]


class Search:
    """A search in progress.

    Parameters
    ----------
    initial, final
        Checked: the same atoms in the same order.
    calculator
        One, for all images.
    settings
        What tells this band from another, JSON-able: images, climb, fmax, ...
    store
        Its file, or None.
    messages
        What was said so far.
    """

    def __init__(
        self,
        initial: Atoms,
        final: Atoms,
        calculator: Any,
        settings: dict[str, Any],
        store: Path | None,
        messages: list[str],
    ) -> None:
        self.given, self.calculator, self.settings = (initial, final), calculator, settings
        self.store, self.messages = store, messages
        self.kept, self.rest = 0.0, True
        self.stage = "band"
        self.interrupted = False
        self.fmax = float("nan")

    def run(self, steps: int, symmetric: bool | None, bar: Any) -> MigrationPath:
        """Go on from the store, or from the beginning, to the path."""
        before = files.found(self.store, self.settings)
        if before is None:
            self.band = self._begin(steps)
            self._keep(force=True)
        else:
            images, about = before
            done = about.get("result")
            if done is not None and done["converged"]:
                return made(images, done)
            self._resume(images, about)
        self._check_ends(symmetric)
        try:
            converged = self._settle(steps, bar)
        except KeyboardInterrupt:
            self.interrupted, converged = True, False
        return self._result(converged, symmetric)

    def _begin(self, steps: int) -> Band:
        """Relax the ends and guess what is between them."""
        fmax, relaxed = self.settings["fmax"], []
        for name, given in zip(("initial", "final"), self.given, strict=True):
            atoms = given.copy()
            if self.settings["relax_ends"]:
                rest, force = ends.relax(atoms, self.calculator, fmax, steps)
                self.messages += ends.after_relaxing(given, atoms, name)
                if not rest:
                    self.rest = False
                    self.messages.append(
                        f"{name} did not come to rest: {force:.3f} eV/A are left after {steps} steps"
                    )
            relaxed.append(atoms)
        initial, final = relaxed
        final.positions = initial.positions + ends.displacements(initial, final)
        ends.check_two(initial, final, self.settings["relax_ends"])
        guess = first_guess(initial, final, self.settings["images"], self.settings["interpolation"])
        shift = rattled(initial, final, guess.shape, self.settings["rattle"], self.settings["seed"])
        return self._band(initial, final, guess + shift)

    def _band(self, initial: Atoms, final: Atoms, guess: Any) -> Band:
        for atoms in (initial, final):
            atoms.calc = Shared(self.calculator)
        return Band((initial, final), guess, self.calculator, self.settings["spring"])

    def _resume(self, images: list[Atoms], about: dict[str, Any]) -> None:
        """Put the band where the file says."""
        for image in images:
            image.set_constraint([constraint.copy() for constraint in self.given[0].constraints])
        self.messages[:] = about["messages"]
        self.rest, self.stage = about["rest"], about["stage"]
        middle = np.array([image.positions for image in images[1:-1]])
        self.band = self._band(images[0], images[-1], middle)
        self.band.steps = about["steps"]

    def _check_ends(self, symmetric: bool | None) -> None:
        first, last = self.band.images[0], self.band.images[-1]
        self.alike = ends.alike(first, last)
        if symmetric and not self.alike:
            raise ValueError(
                "symmetric=True, but the distances between atoms are not the same in the relaxed "
                "initial and final states: no symmetry maps one onto the other"
            )

    def _settle(self, steps: int, bar: Any) -> bool:
        """Bring the band to rest; then let its highest image climb."""
        fmax, climb = self.settings["fmax"], self.settings["climb"]
        self.band.steps, total = 0, self.band.steps
        before = total
        bar.update(total)

        def each() -> None:
            nonlocal total
            fresh = before + self.band.steps - total
            total += fresh
            bar.update(fresh)
            energies = self.band.neb.energies
            bar.set_postfix_str(
                f"{self.stage}, {self.band.neb.largest:.3f} eV/A, "
                f"barrier {energies.max() - energies[0]:.3f} eV"
            )
            self._keep(before=before)

        self.before = before
        if self.stage == "band":
            goal = ROUGH * fmax if climb else fmax
            rough = self.band.settle(goal, steps, False, each)
            if not climb or not rough:
                return rough
            self.stage = "climb"
            self._keep(force=True, before=before)
        return self.band.settle(fmax, steps, True, each)

    def _keep(self, *, force: bool = False, before: int = 0) -> None:
        if self.store is None or (not force and time.monotonic() - self.kept < EVERY):
            return
        about = {
            "settings": self.settings, "stage": self.stage, "rest": self.rest,
            "steps": before + self.band.steps, "messages": list(self.messages),
        }  # fmt: skip
        files.write(self.store, self.band.frozen(), about)
        self.kept = time.monotonic()

    def _result(self, converged: bool, symmetric: bool | None) -> MigrationPath:
        """Put together what was reached."""
        self.band.neb.climb = self.settings["climb"] and self.stage == "climb"
        left, steps = self.band.force(), self.before + self.band.steps
        about: dict[str, Any] = {
            "climb": self.band.neb.climb,
            "converged": converged and self.rest,
            "fmax": left,
            "steps": steps,
            "alike": self.alike,
            "calculator": self.settings["calculator"],
            "messages": [],
        }
        path = made(self.band.frozen(), about)
        said = list(self.messages)
        if not converged:
            how = "was interrupted" if self.interrupted else "did not come to rest"
            said.append(
                f"the band {how}: after {steps} steps {left:.3f} eV/A are left, more than "
                f"fmax = {self.settings['fmax']:g}; its barrier is a guess"
            )
        said += about_path(path, symmetric)
        path = made(list(path.images), {**about, "messages": said})
        if self.store is not None:
            files.write(
                self.store, path.images,
                {
                    "settings": self.settings, "stage": self.stage, "rest": self.rest,
                    "steps": steps, "messages": list(self.messages), "result": path.about(),
                },
            )  # fmt: skip
        return path


def about_path(path: MigrationPath, symmetric: bool | None) -> list[str]:
    """Say what is odd about a path."""
    said = []
    at, energies = path.curve(401)
    if path.alike and symmetric is not False:
        apart = abs(path.energies[-1])
        if apart > LEVEL:
            said.append(
                f"both ends look alike, but their energies differ by {1000 * apart:.1f} meV: "
                "relax them further (a smaller fmax)"
            )
        off = float(np.abs(energies - energies[::-1]).max())
        if off > LOPSIDED * path.barrier + 2 * LEVEL:
            said.append(
                f"both ends look alike, but the path is not its own mirror image: off by up to "
                f"{1000 * off:.0f} meV. Is the band at rest, and is there a second way?"
            )
    if path.saddle in (0, len(path.images) - 1):
        said.append("no image is higher than the ends: there is no barrier, or too few images")
    lowest = _dip(energies)
    if lowest is not None:
        said.append(
            f"the path has a minimum on its way, after {at[lowest]:.2f} A: a state of its own. "
            "Relax it and compute two hops"
        )
    return said


def _dip(energies: Any) -> int | None:
    """Find the deepest minimum between two tops."""
    left = np.maximum.accumulate(energies)
    right = np.maximum.accumulate(energies[::-1])[::-1]
    depth = np.minimum(left, right) - energies
    worst = int(depth.argmax())
    return worst if depth[worst] > DIP else None
