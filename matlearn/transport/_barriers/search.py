"""From two states to the path between them, stage by stage, each kept when it is done."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.transport._barriers import curves, ends, files, tops
from matlearn.transport._barriers.band import Band, Shared, first_guess
from matlearn.transport._barriers.matching import displacements
from matlearn.transport._barriers.result import MigrationPath, made

EVERY = 2.0
"""Seconds between two times that a moving band is kept."""
ROUGH = 5.0
"""A band comes to rest to this many times fmax before its highest image climbs."""
LEVEL = 0.002
"""Energies of equivalent ends that differ by more than this (eV) are not converged."""
LOPSIDED = 0.15
"""Part of the barrier by which a path may differ from its mirror image."""
DIP = 0.02
"""A minimum on the way that is deeper than this (eV) is a state of its own."""


def digest(atoms: Atoms) -> str:
    """Name a structure: another for any other element, position, cell or constraint."""
    found = hashlib.sha256(atoms.numbers.astype(np.int64).tobytes())
    for array in (atoms.positions, atoms.cell.array, atoms.pbc):
        found.update(np.ascontiguousarray(array).tobytes())
    if atoms.constraints:
        held = [constraint.todict() for constraint in atoms.constraints]
        found.update(json.dumps(held, default=lambda value: value.tolist()).encode())
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
        self.pushes, self.dip, self.interrupted = 0, False, False

    def run(self, steps: int, symmetric: bool | None, bar: Any) -> MigrationPath:
        """Go on from the store, or from the beginning, to the path."""
        before = files.found(self.store, self.settings)
        if before is None:
            self.band = self._begin(steps)
            if not np.isfinite(self.band.force()):
                raise ValueError(
                    "the first guess of the path has forces that are not finite: atoms come too "
                    "close on it; try interpolation='idpp', another number of images, or ends "
                    "that lie nearer"
                )
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
        final.positions = initial.positions + displacements(initial, final)
        ends.check_two(initial, final, self.settings["relax_ends"])
        guess = first_guess(initial, final, self.settings["images"], self.settings["interpolation"])
        return self._band(initial, final, guess)

    def _band(self, initial: Atoms, final: Atoms, guess: Any) -> Band:
        for atoms in (initial, final):
            atoms.calc = Shared(self.calculator)
        return Band((initial, final), guess, self.calculator, self.settings["spring"])

    def _resume(self, images: list[Atoms], about: dict[str, Any]) -> None:
        """Put the band where the file says."""
        for image in images:
            image.set_constraint([constraint.copy() for constraint in self.given[0].constraints])
        self.messages[:] = about["messages"]
        for name in ("rest", "stage", "pushes", "dip"):
            setattr(self, name, about[name])
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
        """Bring the band to rest, let its highest image climb, and see whether that is a saddle."""
        fmax, climb = self.settings["fmax"], self.settings["climb"]
        limit = self.band.steps + steps

        def each() -> None:
            bar.update(self.band.steps - bar.n)
            energies = self.band.neb.energies
            bar.set_postfix_str(
                f"{self.stage}, {self.band.neb.largest:.3f} eV/A, "
                f"barrier {energies.max() - energies[0]:.3f} eV"
            )
            self._keep()

        while True:
            if self.stage == "band":
                if not self.band.settle(ROUGH * fmax if climb else fmax, limit, False, each):
                    return False
                self.stage = "climb" if climb else "rest"
                self._keep(force=True)
            if self.stage == "climb":
                if not self.band.settle(fmax, limit, True, each):
                    return False
                self.stage = "rest"
            if not self.settings["check"] or not self._push():
                return True
            self._keep(force=True)

    def _top(self) -> tuple[Atoms, Any, Any, Any] | None:
        """Highest image, direction of the path there, then positions and lengths of the band."""
        energies = np.array([image.get_potential_energy() for image in self.band.images])
        top = int(energies.argmax())
        if top in (0, len(energies) - 1):
            return None
        positions = np.array([image.positions for image in self.band.images])
        coordinate = curves.lengths(positions)
        tangent = curves.tangents(positions, coordinate)[top]
        return self.band.images[top], tangent, positions, coordinate

    def _push(self) -> bool:
        """Push a band off a ridge; True if it has to come to rest anew."""
        found = self._top()
        if found is None:
            return False
        image, tangent, positions, coordinate = found
        way = tops.off_the_ridge(image, tangent, self.calculator)
        if way is None:
            if self.settings["climb"] and tops.in_a_dip(image, tangent, self.calculator):
                self.messages.append(
                    "the climbing image sits in a shallow minimum between two tops: the barrier "
                    "is that of the curve between images; another number of images may find a top"
                )
                self.dip = True
            return False
        if self.pushes:
            self.messages.append(
                "the band lies on a ridge: across it the energy falls, and the barrier is too high"
            )
            return False
        self.pushes += 1
        self.messages.append(
            "the band came to rest on a ridge, with the energy falling to the side, and was "
            "pushed off"
        )
        self.band.place(tops.pushed(positions, coordinate, way)[1:-1])
        self.stage = "band"
        return True

    def _state(self) -> dict[str, Any]:
        names = ("settings", "stage", "rest", "pushes", "dip")
        state = {name: getattr(self, name) for name in names}
        return {**state, "steps": self.band.steps, "messages": list(self.messages)}

    def _keep(self, *, force: bool = False) -> None:
        if self.store is None or (not force and time.monotonic() - self.kept < EVERY):
            return
        files.write(self.store, self.band.frozen(), self._state())
        self.kept = time.monotonic()

    def _result(self, converged: bool, symmetric: bool | None) -> MigrationPath:
        """Put together what was reached."""
        self.band.neb.climb = self.settings["climb"] and self.stage != "band"
        left, steps = self.band.force(), self.band.steps
        about: dict[str, Any] = {
            "climb": self.band.neb.climb and not self.dip,
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
            files.write(self.store, path.images, {**self._state(), "result": path.about()})
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
