"""The commands behind ``make slides`` and ``make book``."""

from __future__ import annotations

import argparse
import sys


def main(words: list[str] | None = None) -> int:
    """Make the slides or the book; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m book", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    slides = commands.add_parser("slides", help="the slides of the chapters: build/slides")
    slides.add_argument(
        "chapters", nargs="*", metavar="CHAPTER", help="default: all that have slides"
    )
    slides.add_argument("--figures-only", action="store_true", help="do not call Marp")
    html = commands.add_parser("html", help="the book: build/book/html")
    html.add_argument("chapters", nargs="*", metavar="CHAPTER", help="default: all")
    options = parser.parse_args(words)
    from book import executed

    try:
        if options.command == "slides":
            _slides(options.chapters, options.figures_only)
        else:
            from book import building

            page = building.build(executed.notebooks(options.chapters))
            print(f"the book: {page}")
    except (ValueError, RuntimeError) as problem:
        print(f"{problem}", file=sys.stderr)
        return 1
    return 0


def _slides(chapters: list[str], figures_only: bool) -> None:
    from book import executed, slides

    chapters = chapters or [
        path.parent.name for path in sorted(executed.NOTEBOOKS.glob("*/slides.md"))
    ]
    if not chapters:
        raise ValueError("no chapter has slides yet: notebooks/<chapter>/slides.md")
    for name in chapters:
        if not (executed.NOTEBOOKS / name / "slides.md").is_file():
            raise ValueError(f"there are no slides of {name!r}: notebooks/{name}/slides.md")
    files = [slides.prepare(name) for name in chapters]
    for page in files if figures_only else slides.render(files):
        print(page)


if __name__ == "__main__":
    sys.exit(main())
