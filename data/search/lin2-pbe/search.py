"""The LiN2 search at PBE: random cells relaxed at 600 and 800 eV, then the lowest of them refined.

    python search.py run1   --work <folder for logs> --hours 2
    python search.py refine --work <folder for logs> --hours 2

``run1`` takes the cells of ``initial.extxyz`` in order, 2 formula units first: roughly at 600 eV
(into ``search-600.extxyz``), then at 800 eV (``run1.extxyz``). ``refine`` takes the lowest of
``run1`` and of CHGNet's search (``run1-chgnet.extxyz``) by turns and relaxes them at 800 eV to one
criterion (``refine-run1.extxyz``, ``refine-run1-chgnet.extxyz``); cells that an earlier run had
already brought from CHGNet to 800 eV (``chgnet-800.extxyz``) go on from there.

Every finished structure, and in ``refine`` every round, is on disk at once; a run that is killed
or reaches its time goes on from there when it is started again. The logs are what ``steps.py``
reads: ``<label>-1.txt`` and ``-2.txt`` (600 eV), ``-800.txt``, ``-801.txt`` onwards (refinement).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ase import Atoms

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import pbe  # noqa: E402

ROUGH, FINAL = 600.0, 800.0  # eV
SUFFIX = "-chgnet"  # of the logs of cells that come from CHGNet's search
SWELL = 1.045  # undoes what the 600 eV basis takes off every length
COUNT = 6  # of each set are refined
FMAX, STEPS = 0.05, 15  # eV/A, steps on one basis: refinement


def make(ecut: float, density: float, log: Path) -> pbe.GPAW:
    """A calculator for a cell without symmetry."""
    kpts = {"density": density, "gamma": True}
    return pbe.calculator(ecut, kpts, log, tight=False, symmetry={"point_group": False})


def rough(start: Atoms, work: Path) -> Atoms:
    """Two rounds at 600 eV; the random cells need the first to form their bonds."""
    atoms, name = start.copy(), start.info["label"]
    atoms.info = {"label": name}
    pbe.relax(atoms, lambda: make(ROUGH, 1.5, work / f"{name}-1.txt"), fmax=0.3, rounds=1, steps=30)
    met = pbe.relax(
        atoms, lambda: make(ROUGH, 1.5, work / f"{name}-2.txt"), fmax=0.1, rounds=1, steps=25
    )
    return pbe.result(atoms, converged=met, ecut=ROUGH, kdens=1.5)


def final(start: Atoms, work: Path) -> Atoms:
    """At most 25 steps at 800 eV from a cell that was compressed by the rough basis."""
    atoms, name = start.copy(), start.info["label"]
    atoms.info = {"label": name, "e600": start.get_potential_energy() / len(start)}
    pbe.expand(atoms, SWELL)
    met = pbe.relax(
        atoms, lambda: make(FINAL, 2.0, work / f"{name}-800.txt"), fmax=0.08, rounds=1, steps=25
    )
    return pbe.result(atoms, converged=met, ecut=FINAL, kdens=2.0)


def search(starts: list[Atoms], target: Path, work: Path, deadline: float) -> None:
    """Rough, then final, for every start that ``target`` does not hold yet."""
    from gpaw import KohnShamConvergenceError

    middle = HERE / "search-600.extxyz"
    for start in starts:
        name = start.info["label"]
        if name in {atoms.info["label"] for atoms in pbe.read_all(target)}:
            continue
        if time.time() > deadline:
            break
        at_600 = {atoms.info["label"]: atoms for atoms in pbe.read_all(middle)}
        try:
            if name not in at_600:
                at_600[name] = rough(start, work)
                pbe.put(middle, at_600[name])
            atoms = final(at_600[name], work)
        except KohnShamConvergenceError as error:
            with (work / "failed.txt").open("a") as file:
                file.write(f"{name}: {error}\n")
            continue
        pbe.put(target, atoms)
        report(atoms)


def lowest(source: Path, target: Path, better: dict[str, Atoms]) -> list[Atoms]:
    """The lowest structures of ``source`` that ``target`` does not hold refined, as far as they are.

    A structure that ``target`` holds unfinished goes on from there, one in ``better`` from that.
    """
    begun = {atoms.info["label"]: atoms for atoms in pbe.read_all(target)}
    found = sorted(pbe.read_all(source), key=lambda a: a.get_potential_energy() / len(a))
    chosen = []
    for atoms in found[:COUNT]:
        label = atoms.info["label"]
        if label not in begun:
            atoms = better.get(label, atoms)
            atoms.info = {"label": label, "round": 0}
            chosen.append(atoms)
        elif not begun[label].info["converged"]:
            chosen.append(begun[label])
    return chosen


def refine(work: Path, deadline: float) -> None:
    """The lowest of both searches, by turns, until the criterion holds on a fresh basis."""
    earlier = {atoms.info["label"]: atoms for atoms in pbe.read_all(HERE / "chgnet-800.extxyz")}
    turns: list[tuple[int, str, Atoms, Path]] = []
    for key, suffix, better in (("run1", "", {}), ("run1-chgnet", SUFFIX, earlier)):
        target = HERE / f"refine-{key}.extxyz"
        starts = lowest(HERE / f"{key}.extxyz", target, better)
        turns += [(i, suffix, atoms, target) for i, atoms in enumerate(starts)]
    for _, suffix, start, target in sorted(turns, key=lambda turn: turn[:2]):
        atoms, name = start.copy(), start.info["label"] + suffix
        while time.time() < deadline:
            log = work / f"{name}-{801 + atoms.info['round']}.txt"
            before = atoms.info.get("steps", 0)
            pbe.relax(
                atoms, lambda log=log: make(FINAL, 2.0, log), fmax=FMAX, rounds=1, steps=STEPS
            )
            atoms.info["round"] += 1
            fresh = atoms.info["steps"] == before
            kept = pbe.result(atoms, converged=fresh, ecut=FINAL, kdens=2.0)
            pbe.put(target, kept)
            report(kept)
            if fresh:
                break


def report(atoms: Atoms) -> None:
    """One line on what was reached."""
    n, info = len(atoms), atoms.info
    print(
        f"{info['label']}: {atoms.get_potential_energy() / n:.4f} eV/atom, {atoms.get_volume() / n:.2f} "
        f"A3/atom, {pbe.pressure(atoms):.2f} GPa, {info['space_group']}, {info['steps']} steps, "
        f"converged {info['converged']}, {info['cpu_s']} CPU s",
        flush=True,
    )


def main() -> None:
    """Run one stage for a while."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=["run1", "refine"])
    parser.add_argument("--work", type=Path, required=True, help="folder for logs")
    parser.add_argument(
        "--hours", type=float, default=1.0, help="begin nothing new after this long"
    )
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    deadline = time.time() + 3600 * options.hours
    if options.stage == "refine":
        refine(options.work, deadline)
        return
    cells = pbe.read_all(HERE / "initial.extxyz")
    starts = sorted(cells, key=lambda atoms: atoms.info["label"])
    search(starts, HERE / "run1.extxyz", options.work, deadline)


if __name__ == "__main__":
    main()
