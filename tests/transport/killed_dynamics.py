"""A run that is to be killed: ``python killed_dynamics.py STORE ENSEMBLE STEPS``."""

import sys

from ase.build import bulk

from matlearn.transport import run_md

SETTINGS = {
    "temperature": 900.0,
    "timestep": 0.004,
    "equilibrate": 20,
    "record_every": 5,
    "checkpoint_every": 20,
    "seed": 7,
    "velocities": True,
    "progress": False,
}


def run(store, ensemble, steps):
    """Move eight atoms of copper: hot enough that neighbour lists are built anew."""
    crystal = bulk("Cu", cubic=True).repeat((2, 1, 1))
    return run_md(crystal, "emt", ensemble=ensemble, steps=steps, store=store, **SETTINGS)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]))
