"""Learning on the fly beside molecular dynamics with the reference at every step.

EMT copper, 32 atoms at 800 K, 1500 steps of 2 fs. Counted are reference calls and CPU seconds; the
errors of forces are those along the trajectory that learned, for the potential that learned and
for potentials of the same kind trained on frames of the reference's own trajectory.

Usage: python tests/benchmarks/bench_learning.py
"""

from __future__ import annotations

from ase.build import bulk

from matlearn.potentials import MTP, learn_on_the_fly

PROMISED_CALLS = 10
PROMISED_ERROR = 1.15


def main() -> dict[str, tuple[float, float]]:
    """Print calls saved and errors; return them by mode."""
    atoms = bulk("Cu", "fcc", a=3.65, cubic=True).repeat(2)
    found = {}
    for mode in ("configuration", "neighbourhood"):
        run = learn_on_the_fly(
            atoms, MTP(8, ["Cu"]), "emt", temperature=800, steps=1500, mode=mode, progress=False
        )
        compared = run.compare("emt", counts=(30, 100), progress=False)
        spent = ", ".join(f"{part} {seconds:.2f}" for part, seconds in run.cpu.items())
        print(
            f"learning, {mode}: {run.calls} reference calls instead of {compared.plain_calls} "
            f"({compared.saved:.0f} times fewer, promised {PROMISED_CALLS}); force error "
            f"{compared.force_ratio:.2f} of that of a potential taught 100 frames (promised at "
            f"most {PROMISED_ERROR}); CPU s: {spent}"
        )
        print(compared.to_frame().round(4).to_string())
        found[mode] = (compared.saved, compared.force_ratio)
    return found


if __name__ == "__main__":
    main()
