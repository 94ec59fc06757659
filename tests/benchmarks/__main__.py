"""``make bench``: every bench_*.py beside this file, one process each, in CPU seconds and ratios.

python tests/benchmarks [NAME ...]
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    here = Path(__file__).parent
    scripts = sorted(here.glob("bench_*.py"))
    wanted = [s for s in scripts if not names or s.stem.removeprefix("bench_") in names]
    if not wanted:
        known = ", ".join(s.stem.removeprefix("bench_") for s in scripts)
        print(f"no such benchmark; there are: {known}", file=sys.stderr)
        return 2
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    failed = 0
    for script in wanted:
        print(f"== {script.stem.removeprefix('bench_')}", flush=True)
        done = subprocess.run([sys.executable, script], env=os.environ | one_thread, check=False)
        failed += done.returncode != 0
        print(flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
