"""The highest phonon frequency by three models on the official folds of matbench.

    python run_folds.py FOLDER

runs a graph network, a mean of four of them, and a random forest on the composition, each by
`matlearn.regression.run_matbench`. Finished folds are kept in FOLDER: a run that was stopped goes
on from there. Then the first network is trained once more, on all crystals. The record comes to lie
in ``record`` beside this script.
"""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from pathlib import Path

from matlearn import regression
from matlearn.regression._graphs import records

TREES = 500  # as the forest of the leaderboard
MODELS = {
    "network": regression.CrystalGraphNetwork(),
    "network-of-4": regression.CrystalGraphNetwork(members=4),
    "forest": regression.make_model("random-forest", n_estimators=TREES),
}
PACKAGES = ("matlearn", "numpy", "torch", "ase", "pymatgen", "scikit-learn", "matminer")


def main() -> None:
    task = regression.load_task("phonons", structures=True)
    about = {
        name: {
            "settings": {
                key: value
                for key, value in getattr(model, "steps", [("", model)])[-1][1].get_params().items()
                if isinstance(value, (int, float, str, type(None)))
            },
            "versions": {one: version(one).partition("+")[0] for one in PACKAGES},
            "python": platform.python_version(),
        }
        for name, model in MODELS.items()
    }
    results = {}
    for name, model in MODELS.items():
        store = Path(sys.argv[1]) / name
        results[name] = regression.run_matbench(task, model, store=store, workers=2)
        print(results[name], f"{results[name].cpu_seconds:.0f} CPU s", flush=True)
    network = regression.CrystalGraphNetwork().fit(task.structures, task.target)
    records.save(results, about, network, Path(__file__).resolve().parent / "record")


if __name__ == "__main__":
    main()
