"""The book's pages: executed notebooks and exercises, made fit for static pages without a network."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from book import executed
from book.glossary import Glossary
from matlearn._widgets.patience import SCRIPT

SITE = executed.ROOT / "build" / "book"
_LINK = re.compile(r"(?<=\])\(([^)#\s]+)((?:#[^)\s]*)?)\)")
_WIDGET = "application/vnd.jupyter.widget-view+json"
_NOTE = (
    '<p class="interactive">Interactive: open this page in JupyterLab (the button at its top) '
    "to use what stands here.</p>"
)
_INDEX = """# matlearn

Machine learning for materials science, taught by running the real thing: every notebook of the
course with its results, the exercises, a glossary and a bibliography. To run a page yourself,
press the button at its top, or install the course: <{repository}>.

{toctrees}
"""
_BIBLIOGRAPHY = """# Bibliography

Each notebook ends with its own references. Here are those whose volume, page and DOI were confirmed
by another record of them, in one list; [references.bib]({repository}/blob/HEAD/book/references.bib)
holds them for your own papers.

```{{bibliography}}
:all:
```
"""


def repository() -> str:
    """The address of the repository, from its one place.

    Returns
    -------
    str
    """
    import tomllib

    project = tomllib.loads((executed.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["urls"]["Repository"])


def launch_url(page: str) -> str:
    """Where Binder opens a page of the book.

    Parameters
    ----------
    page : str
        Path of the notebook in the repository.

    Returns
    -------
    str
    """
    from urllib.parse import quote

    name = repository().removeprefix("https://github.com/")
    return f"https://mybinder.org/v2/gh/{name}/HEAD?urlpath={quote(f'lab/tree/{page}', safe='')}"


def write(notebooks: dict[Path, Path], exercises: Iterable[Path], target: Path) -> None:
    """Write the sources of the book: what Sphinx reads.

    Parameters
    ----------
    notebooks : dict
        Notebooks of the course and their executed forms.
    exercises : iterable of pathlib.Path
        Exercises (unsolved) and READMEs that belong to the book.
    target : pathlib.Path
        The folder to write; what is left there of an earlier book and does not belong goes.
    """
    others = list(exercises)
    names = [_name(path) for path in (*notebooks, *others)]
    terms = Glossary.read(Path(__file__).with_name("glossary.md"))
    written = {target / "glossary.md", target / "bibliography.md"}
    pictures: set[Path] = set()
    for path, run in (*notebooks.items(), *((path, path) for path in others)):
        written.add(target / _name(path))
        text = _notebook(run, path) if path.suffix == ".ipynb" else path.read_text("utf-8")
        page = _Page(path, set(names), terms)
        if path.suffix == ".ipynb":
            _write(target / _name(path), page.of_notebook(text))
        else:
            _write(target / _name(path), page.of_text(str(text)))
        pictures |= page.pictures
    for picture in pictures:
        written.add(target / _name(picture))
        (target / _name(picture)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, target / _name(picture))
    for name, text in _contents(names).items():
        written.add(target / name)
        _write(target / name, text)
    _write(target / "glossary.md", terms.page())
    _write(target / "bibliography.md", _BIBLIOGRAPHY.format(repository=repository()))
    for path in target.rglob("*"):
        if path.is_file() and path not in written:
            path.unlink()


class _Page:
    """What one page needs while it is written."""

    def __init__(self, path: Path, names: set[str], terms: Glossary) -> None:
        self.path = path
        self.names = names
        self.terms = terms
        self.pictures: set[Path] = set()
        self._linked: set[str] = set()

    def of_notebook(self, notebook: Any) -> str:
        import nbformat

        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = self.of_text(cell.source)
            else:
                cell.outputs = [kept for output in cell.outputs if (kept := _fit(output))]
        return str(nbformat.writes(notebook))

    def of_text(self, text: str) -> str:
        text = _LINK.sub(self._link, text)
        return self.terms.link(text, _name(self.path), self._linked)

    def _link(self, match: re.Match[str]) -> str:
        """A link to what is in the book stays; to other files of the repository it leads there."""
        target, anchor = match[1], match[2]
        if re.match(r"[a-z]+:", target):
            return match[0]
        there = (self.path.parent / target).resolve()
        if not there.is_relative_to(executed.ROOT) or not there.exists():
            return match[0]
        if there.suffix in (".png", ".svg"):
            self.pictures.add(there)
            return match[0]
        name = _name(there)
        if name in self.names:
            return f"({target})" if there.suffix == ".ipynb" else match[0]
        kind = "tree" if there.is_dir() else "blob"
        return f"({repository()}/{kind}/HEAD/{name}{anchor})"


def _notebook(run: Path, path: Path) -> Any:
    """A notebook without what only a running kernel can show."""
    import nbformat

    notebook = nbformat.read(run, as_version=4)
    notebook.metadata.pop("widgets", None)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if not cell.source.strip().startswith("ml.predictions.recall")  # nobody predicted
    ]
    return notebook


def _fit(output: Any) -> Any | None:
    """An output as a static page can show it, or None where nothing is left."""
    if output.output_type == "stream":
        text = re.sub(r"\S*/ipykernel_\d+/\d+\.py:\d+: ", "", output.text)
        lines = [line for line in text.splitlines(keepends=True) if "\r" not in line]
        output.text = "".join(lines)
        return output if output.text.strip() else None
    data = output.get("data")
    if data is None:
        return output
    if _WIDGET in data:
        if "tqdm" in data.get("text/plain", "") or "it/s" in data.get("text/plain", ""):
            return None
        output.data = {"text/html": _NOTE, "text/plain": "Interactive."}
        return output
    data.pop("application/javascript", None)
    if SCRIPT in data.get("text/html", ""):
        del data["text/html"]  # a line of settings: what is for a live page has no use here
    if "text/html" in data:
        data.pop("image/png", None)  # the same figure, without its alternative text
    elif "text/plain" in data:
        data["text/plain"] = re.sub(r"results in \S+", "results in a folder", data["text/plain"])
    return output if data else None


def _contents(names: list[str]) -> dict[str, str]:
    """The pages that hold the others together: the first one, and one a chapter."""
    from matlearn import course_map

    written, first, held = {}, [], {"notebooks/index.ipynb"}
    if held <= set(names):
        first.append("The map <notebooks/index>")
    for chapter in course_map.load().chapters:
        lessons = sorted(name for name in names if name.startswith(f"notebooks/{chapter.name}/"))
        tasks = sorted(
            (name for name in names if name.startswith(f"exercises/{chapter.name}/")),
            key=lambda name: ("README" not in name, name),
        )
        if lessons:
            written[f"chapters/{chapter.name}.md"] = (
                f"# {chapter.title}\n\n{chapter.question}\n\n"
                + _toctree("Notebooks", lessons)
                + _toctree("Exercises", tasks)
            )
            first.append(f"chapters/{chapter.name}")
            held |= {*lessons, *tasks}
    rest = [name for name in names if _page(name) not in held and name not in held]
    last = ["glossary", "bibliography"]
    trees = _toctree("Contents", [*first, *rest, *last], root="")
    return written | {"index.md": _INDEX.format(repository=repository(), toctrees=trees)}


def _toctree(title: str, names: list[str], root: str = "/") -> str:
    lines = "\n".join(root + _page(name) for name in names)
    return f"```{{toctree}}\n:caption: {title}\n:maxdepth: 1\n\n{lines}\n```\n\n" if names else ""


def _page(name: str) -> str:
    """A page as Sphinx names it."""
    return re.sub(r"\.(ipynb|md)$", "", name)


def _name(path: Path) -> str:
    return path.resolve().relative_to(executed.ROOT).as_posix()


def _write(path: Path, text: str) -> None:
    """Write a file unless it says that already: Sphinx builds only what changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
