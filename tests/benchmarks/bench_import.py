"""What `import matlearn` costs: CPU seconds of a fresh interpreter, less those of an empty one."""

from __future__ import annotations

import resource
import subprocess
import sys


def cpu_seconds(code: str, repeats: int = 7) -> float:
    """Least CPU time (user and system, s) of a fresh interpreter that runs `code`."""
    times = []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def main() -> None:
    empty = cpu_seconds("pass")
    package = cpu_seconds("import matlearn") - empty
    chapter = cpu_seconds("import matlearn; matlearn.search.read_results") - empty
    print(f"import matlearn                {package:.3f} CPU s (promised: at most 0.3)")
    print(f"first use of matlearn.search   {chapter:.3f} CPU s")
    if package > 0.3:
        sys.exit("import matlearn is over its budget of 0.3 CPU s")


if __name__ == "__main__":
    main()
