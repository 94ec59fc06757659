"""The command line: ``matlearn doctor | lab | tour | run | data | exercises | phonons``."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PHONONS = "matlearn.phonons.command:run"
"""What ``matlearn phonons`` hands over to."""
GRADE = "matlearn._exercises.grading.command:run"
"""What ``matlearn exercises grade`` hands over to."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what ``matlearn`` and ``python -m matlearn`` call.

    Parameters
    ----------
    arguments
        Words after the program's name; by default those of the process.

    Returns
    -------
    int
        0 when all went well, 1 when a command found or met a problem, 130 when it was interrupted.
    """
    parser = _parser()
    options, extra = parser.parse_known_args(arguments)
    if extra and options.command not in (_lab, _phonons, _grade):
        parser.error(f"unknown argument: {' '.join(extra)}")
    options.extra = [word for word in extra if word != "--"]
    try:
        return int(options.command(options))
    except KeyboardInterrupt:
        print("\nstopped; what was finished is kept", file=sys.stderr)
        return 130
    except (ValueError, OSError, ImportError) as problem:
        print(f"matlearn: {problem}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    from matlearn import __version__

    parser = argparse.ArgumentParser(
        prog="matlearn",
        description="Machine learning for materials science, taught by running the real thing.",
    )
    parser.add_argument("--version", action="version", version=f"matlearn {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    doctor = commands.add_parser("doctor", help="check the installation and say what is missing")
    doctor.add_argument(
        "--brief", action="store_true", help="only problems, and one line when all is well"
    )
    doctor.set_defaults(command=_doctor)

    lab = commands.add_parser(
        "lab",
        help="open the course in JupyterLab",
        description="Opens JupyterLab on the course. From a clone: as it is. From an installed package, or with "
        "FOLDER: the course is laid out in FOLDER first; files that you changed there are never overwritten. "
        "Further options are handed to JupyterLab.",
    )
    lab.add_argument(
        "folder", nargs="?", metavar="FOLDER", help="default: the clone, or ./matlearn-course"
    )
    lab.add_argument(
        "--no-open", action="store_true", help="lay out FOLDER, say where it is, open nothing"
    )
    lab.add_argument(
        "--solutions", action="store_true", help="lay out the solutions, too (for teachers)"
    )
    lab.set_defaults(command=_lab)

    tour = commands.add_parser(
        "tour", help="run the main job of every chapter, print a table, write figures"
    )
    tour.add_argument(
        "chapters", nargs="*", metavar="CHAPTER", help="default: every chapter that exists"
    )
    tour.add_argument(
        "--figures", default="matlearn-tour", metavar="FOLDER", help="default: %(default)s"
    )
    tour.add_argument("--no-progress", action="store_true", help="no progress bars")
    tour.set_defaults(command=_tour)

    run = commands.add_parser("run", help="run notebooks outside Jupyter and say what they cost")
    run.add_argument("notebooks", nargs="+", metavar="NOTEBOOK")
    run.add_argument("--output", metavar="FOLDER", help="keep the executed notebooks here")
    run.add_argument(
        "--timeout",
        type=float,
        default=900,
        metavar="S",
        help="wall seconds a cell; default %(default)s",
    )
    run.add_argument(
        "--keep-going", action="store_true", help="run the cells after a failing one, too"
    )
    run.add_argument("--json", action="store_true", help="one JSON object a notebook")
    run.set_defaults(command=_run)

    data = commands.add_parser("data", help="list, fetch and cite the data sets")
    verbs = data.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("list", help="what there is").set_defaults(command=_data_list)
    fetch = verbs.add_parser("fetch", help="bring data sets to this machine and verify them")
    fetch.add_argument("names", nargs="*", metavar="NAME")
    fetch.add_argument("--all", action="store_true", help="every data set")
    fetch.set_defaults(command=_data_fetch)
    cite = verbs.add_parser("cite", help="how to cite data sets")
    cite.add_argument("names", nargs="+", metavar="NAME")
    cite.set_defaults(command=_data_cite)

    exercises = commands.add_parser(
        "exercises", help="list the exercises, see your progress; build and grade them"
    )
    exercises.set_defaults(command=_exercises)
    verbs = exercises.add_subparsers(metavar="VERB")
    verbs.add_parser("list", help="what there is, and what you have solved").set_defaults(
        command=_exercises
    )
    verbs.add_parser("progress", help="how much of each chapter is solved").set_defaults(
        command=_progress
    )
    build = verbs.add_parser("build", help="write the exercises from their solutions (for authors)")
    build.add_argument("chapter", nargs="?", metavar="CHAPTER", help="default: all chapters")
    build.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail where exercise and solution differ",
    )
    build.set_defaults(command=_build)
    verbs.add_parser(
        "grade", help="run submitted notebooks and write a table (for teachers)", add_help=False
    ).set_defaults(command=_grade)

    phonons = commands.add_parser(
        "phonons", help="thermal conductivity of a crystal with any potential", add_help=False
    )
    phonons.set_defaults(command=_phonons)
    return parser


def _doctor(options: argparse.Namespace) -> int:
    from matlearn import doctor

    findings = doctor.examine(thorough=not options.brief)
    problems = [finding for finding in findings if finding.state == "problem"]
    for finding in problems if options.brief else findings:
        print(finding)
    if problems:
        print(f"{len(problems)} to mend", file=sys.stderr)
        return 1
    print("all is well" if not options.brief else "matlearn doctor: all is well")
    return 0


def _lab(options: argparse.Namespace) -> int:
    from matlearn import course

    if options.folder is None and course.is_clone():
        root = course.course_root()
    else:
        laid_out = course.lay_out(options.folder or "matlearn-course", solutions=options.solutions)
        root = laid_out.folder
        print(laid_out)
        for name in laid_out.kept:
            print(f"  kept as you have it: {name}")
    if options.no_open:
        print(f"the course is in {root}; open it with: matlearn lab {root}")
        return 0
    words = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        "--LabApp.default_url=/lab/tree/notebooks/index.ipynb",
        *options.extra,
    ]
    sys.stdout.flush()
    os.execv(sys.executable, words)  # JupyterLab takes over the terminal, and so Ctrl-C


def _tour(options: argparse.Namespace) -> int:
    import warnings

    from matlearn import tour

    def say(message: Warning | str, *_: object, **__: object) -> None:
        print(f"matlearn: {message}", file=sys.stderr)

    chapters = options.chapters or None
    with warnings.catch_warnings():
        warnings.showwarning = say
        results = tour.show(
            tour.run(options.figures, chapters=chapters, progress=not options.no_progress)
        )
    print(f"{len(results)} results; figures in {Path(options.figures).resolve()}")
    return 0


def _run(options: argparse.Namespace) -> int:
    import json

    from tqdm.auto import tqdm

    from matlearn.execution import run_notebook

    failed = 0
    for path in options.notebooks:
        output = None
        if options.output:
            Path(options.output).mkdir(parents=True, exist_ok=True)
            output = Path(options.output) / Path(path).name
        with tqdm(desc=Path(path).stem, unit="cell", disable=options.json) as bar:

            def advance(done: int, total: int, bar: tqdm = bar) -> None:
                bar.total = total
                bar.update(done - bar.n)

            result = run_notebook(
                path,
                output=output,
                timeout=options.timeout,
                keep_going=options.keep_going,
                on_cell=advance,
            )
        print(json.dumps(result.to_dict()) if options.json else repr(result), flush=True)
        if result.error:
            failed += 1
            print(result.error, file=sys.stderr)
    return 1 if failed else 0


def _data_list(options: argparse.Namespace) -> int:
    from matlearn import datasets

    for name, row in datasets.available().iterrows():
        known = row["bytes"]
        size = f"{known / 1e6:.1f} MB" if known >= 1e5 else f"{known / 1e3:.0f} kB"
        size = size if known else "? MB"
        print(f"{name:<32} {row['chapter']:<11} {row['where']:<9} {size:>9}  {row['what']}")
    return 0


def _data_fetch(options: argparse.Namespace) -> int:
    from matlearn import datasets

    names = list(datasets.available().index) if options.all else options.names
    if not names:
        raise ValueError("name a data set, or say --all; `matlearn data list` shows what there is")
    missing = []
    for name in names:
        try:
            print(f"{name}: {datasets.fetch(name)}", flush=True)
        except datasets.DatasetUnavailable as error:
            if len(names) == 1:
                raise
            missing.append(name)
            print(f"{name}: not fetched. {error}", file=sys.stderr)
    if missing:
        print(f"{len(missing)} of {len(names)} not fetched: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


def _data_cite(options: argparse.Namespace) -> int:
    from matlearn import datasets

    print(datasets.cite(*options.names))
    return 0


def _phonons(options: argparse.Namespace) -> int:
    """Hand over to the chapter, which reads its own words."""
    return _hand_over(PHONONS, options)


def _grade(options: argparse.Namespace) -> int:
    """Hand over to the grading, which reads its own words."""
    return _hand_over(GRADE, options)


def _hand_over(target: str, options: argparse.Namespace) -> int:
    module, _, function = target.partition(":")
    return int(getattr(importlib.import_module(module), function)(options.extra))


def _exercises(options: argparse.Namespace) -> int:
    from matlearn._exercises import command

    return command.show_list()


def _progress(options: argparse.Namespace) -> int:
    from matlearn._exercises import command

    return command.show_progress()


def _build(options: argparse.Namespace) -> int:
    from matlearn._exercises import command

    return command.build(options.chapter, check=options.check)
