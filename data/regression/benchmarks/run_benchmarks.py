"""Run models on whole tasks of matbench by the official folds, and keep what came out.

    python run_benchmarks.py           # all that is not there yet, one process each
    python run_benchmarks.py NAME ...  # these, such as log_gvrh-gradient-boosting

Each run writes `runs/NAME.json` and `runs/NAME.parquet` and a line of `runs.csv`: what it cost from
the start of the process to its end. What is there is skipped; a run that was stopped goes on after
its last finished fold (`--work FOLDER` holds these), in which case its cost is that of the folds.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RUNS = HERE / "runs"
TABLE = HERE / "runs.csv"

BOOSTING = {"learning_rate": 0.05, "max_features": 0.5, "early_stopping": False}
LARGE = BOOSTING | {"max_iter": 400, "max_leaf_nodes": 511, "min_samples_leaf": 10}
SMALL = BOOSTING | {"max_iter": 400, "max_leaf_nodes": 127}
FOREST = {"n_estimators": 500}

SETTINGS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "log_gvrh-gradient-boosting": ("log_gvrh", "gradient-boosting", "magpie", SMALL),
    "mp_gap-gradient-boosting": ("mp_gap", "gradient-boosting", "magpie", LARGE),
    "mp_e_form-gradient-boosting": ("mp_e_form", "gradient-boosting", "magpie", LARGE),
    "steels-random-forest": ("steels", "random-forest", "magpie", FOREST),
    "phonons-random-forest": ("phonons", "random-forest", "magpie", FOREST),
    "phonons-random-forest-scm": (
        "phonons",
        "random-forest",
        "magpie + sine Coulomb matrix",
        FOREST,
    ),
    "expt_is_metal-random-forest": ("expt_is_metal", "random-forest", "magpie", FOREST),
    "expt_gap-random-forest": ("expt_gap", "random-forest", "magpie", FOREST),
}
"""Name of the run -> task, model, features, parameters that are not scikit-learn's."""


def run(name: str, work: Path) -> None:
    """Do one run in this process and keep it."""
    import pandas as pd
    import sklearn

    from matlearn import regression
    from matlearn.regression._benchmark import recorded

    task_name, model, features, parameters = SETTINGS[name]
    task = regression.load_task(task_name, structures="matrix" in features)
    estimator = regression.make_model(model, task.kind, **parameters)
    inputs: Any = features
    if "matrix" in features:  # what the published forest has: the sine Coulomb matrix alone
        scm = regression.features.structure(
            task.structures, featurizers=("sine-coulomb",), workers=1
        )
        inputs = pd.concat([regression.features.magpie(task.formulas), scm], axis=1)
        inputs = regression.features.drop_constant(inputs)
    resumed = (work / name).exists()
    result = regression.run_matbench(task, estimator, features=inputs, store=work / name, workers=1)
    RUNS.mkdir(exist_ok=True)
    named = dataclasses.replace(result, features=features)
    recorded.bare(named, task).save(RUNS / f"{name}.json")
    seconds = result.cpu_seconds if resumed else time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    row = {
        "run": name,
        "metric": result.metric,
        "mean": round(result.mean[result.metric], 5),
        "std": round(result.std[result.metric], 5),
        "cpu_seconds": round(seconds, 1),
        "peak_memory_mb": round(peak),
        "date": datetime.now(UTC).date().isoformat(),
        "scikit_learn": sklearn.__version__,
    }
    table = pd.read_csv(TABLE) if TABLE.exists() else pd.DataFrame(columns=list(row))
    table = table[table["run"] != name]
    table = pd.concat([table, pd.DataFrame([row])]) if len(table) else pd.DataFrame([row])
    order = {each: place for place, each in enumerate(SETTINGS)}
    part = TABLE.with_suffix(".part")
    table.sort_values("run", key=lambda column: column.map(order)).to_csv(part, index=False)
    part.replace(TABLE)
    print(f"{result}\n{row['cpu_seconds']:.0f} CPU s, {row['peak_memory_mb']} MB", flush=True)


def main() -> int:
    """Start a process for each run that is missing, so that each cost is its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*SETTINGS, []], metavar="NAME")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "matbench-runs")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.names or list(SETTINGS)
    if options.here:
        for name in names:
            run(name, options.work)
        return 0
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    for name in names:
        if (RUNS / f"{name}.json").exists():
            print(f"{name}: there already")
            continue
        command = [sys.executable, __file__, "--here", "--work", str(options.work), name]
        failed = subprocess.run(command, env=os.environ | one_thread, check=False).returncode
        if failed:
            return failed
    return 0


if __name__ == "__main__":
    sys.exit(main())
