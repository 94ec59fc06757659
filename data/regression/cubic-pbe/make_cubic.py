"""Cubic crystals by PBE: lattice constants, elastic constants, formation energies, band gaps.

    python make_cubic.py run --work FOLDER --hours 2        # these three in GPAW's environment
    python make_cubic.py elements --work FOLDER
    python make_cubic.py converge --work FOLDER
    python make_cubic.py publish --work FOLDER

`run` computes the crystals of `crystals.py` one after the other, each with the elements of
`elements.py` that it needs and that are cheap; `elements` computes the dearer ones, `converge` other
cut-offs and k-points. Each calculation is on disk at once (a JSON a crystal in FOLDER) and what is
there is skipped, so that all go on where they were stopped; several may run at the same time.
`publish` writes the files beside this script from what FOLDER holds; it needs no GPAW.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from crystals import Crystal, queue


def claim(path: Path) -> bool:
    """Whether this process may compute what `path` names: nobody alive is at it."""
    try:
        with path.open("x") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        owner = path.read_text().strip()
        if owner and Path(f"/proc/{owner}").exists():
            return False
        path.write_text(str(os.getpid()))
    return True


def run(work: Path, deadline: float, labels: list[str]) -> None:
    """Compute what is not finished, with the elements it is made of, until `deadline` or the end."""
    for crystal in queue():
        if time.time() > deadline:
            break
        if labels and crystal.label not in labels:
            continue
        one(crystal, work)
        due = {(name, ecut) for name, ecut in needed(crystal, work) if name not in LATE}
        references(due, work, deadline)


def one(crystal: Crystal, work: Path) -> None:
    """Compute one crystal, unless it is done, has failed or somebody is at it."""
    from computing import Record, compute
    from gpaw import KohnShamConvergenceError

    record = Record(work / f"{crystal.label}.json")
    lock = work / f"{crystal.label}.lock"
    if record.data.get("finished") or record.data.get("failed") or not claim(lock):
        return
    begun = time.process_time()
    try:
        record = compute(crystal, work)
    except (KohnShamConvergenceError, RuntimeError, ValueError) as error:
        Record(record.path).put(failed=f"{type(error).__name__}: {error}")
        print(f"{crystal.label}: {type(error).__name__}: {error}", flush=True)
        return
    finally:
        lock.unlink(missing_ok=True)
    state, constants = record.data["eos"], record.data["elastic"]
    print(
        f"{crystal.label}: a = {state['a']:.4f} A, B = {state['bulk_modulus']:.1f} GPa; "
        + ", ".join(f"{name} = {value:.1f}" for name, value in constants.items())
        + f"; {time.process_time() - begun:.0f} CPU s",
        flush=True,
    )


# Dear or seldom needed: left to the stage `elements`
LATE = {"S", "Ga", "As", "P", "Te", "Se", "Sb", "In", "I", "Br", "Ni", "N", "Zn"}
DEAREST = {"S"}  # a molecule of eight atoms: computed where `--labels S` asks for it


def references(wanted: set[tuple[str, float]], work: Path, deadline: float) -> None:
    """The elements and cut-offs among `wanted` that are missing and that nobody is computing."""
    from elements import CUBIC, reference
    from gpaw import KohnShamConvergenceError

    for name, ecut in sorted(wanted):
        stem = f"{name}-{CUBIC[name]}" if name in CUBIC else f"element-{name}"
        lock = work / f"{stem}.lock"
        if time.time() > deadline or not claim(lock):
            continue
        begun = time.process_time()
        try:
            reference(name, ecut, work)
        except (KohnShamConvergenceError, RuntimeError, ValueError) as error:
            print(f"{stem}: {type(error).__name__}: {error}", flush=True)
        finally:
            lock.unlink(missing_ok=True)
        spent = time.process_time() - begun
        if spent > 1:
            print(f"{stem} at {ecut:.0f} eV: {spent:.0f} CPU s", flush=True)


def needed(crystal: Crystal, work: Path) -> set[tuple[str, float]]:
    """Elements of a crystal, with the cut-off it was computed at."""
    from computing import Record

    ecut = Record(work / f"{crystal.label}.json").data.get("ecut", crystal.ecut)
    return {(name, ecut) for name in crystal.elements}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=["run", "elements", "converge", "publish"])
    parser.add_argument("--work", type=Path, required=True, help="folder for the raw results")
    parser.add_argument("--hours", type=float, default=2.0, help="begin nothing new after this")
    parser.add_argument(
        "--labels", nargs="*", default=[], help="only these crystals (run); S too (elements)"
    )
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    deadline = time.time() + 3600 * given.hours
    if given.stage == "run":
        run(given.work, deadline, given.labels)
    elif given.stage == "elements":
        done = [one for one in queue() if (given.work / f"{one.label}.json").exists()]
        wanted = {pair for crystal in done for pair in needed(crystal, given.work)}
        wanted = {(name, ecut) for name, ecut in wanted if name not in DEAREST - set(given.labels)}
        references(wanted, given.work, deadline)
    elif given.stage == "converge":
        from converging import converge

        converge(given.work, deadline)
    else:
        import converging
        from publishing import publish

        rows = publish(given.work)
        converging.publish(given.work)
        print(f"{len(rows)} crystals, {sum(found['doubtful'] for found in rows)} of them doubtful")


if __name__ == "__main__":
    main()
