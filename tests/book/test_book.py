"""The book: built from two notebooks, readable without a network, every link and figure in place."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from book import building, executed, figures, glossary, pages

NOTEBOOKS = [
    executed.NOTEBOOKS / "index.ipynb",
    executed.NOTEBOOKS / "transport" / "02-random-walks.ipynb",
]
LESSON = "notebooks/transport/02-random-walks"
BOOK = Path(building.__file__).parent
TERMS = glossary.Glossary.read(BOOK / "glossary.md")


class Page(HTMLParser):
    """What a page links to, shows and loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.loaded: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids.add(known.get("id") or "")
        if tag == "a" and known.get("href"):
            self.links.append(str(known["href"]))
        if tag == "img":
            self.images.append(known)
        if tag == "script" and known.get("src"):
            self.loaded.append(str(known["src"]))
        if tag == "link" and known.get("rel") in ("stylesheet", "preload", "icon"):
            self.loaded.append(str(known["href"]))


@pytest.fixture(scope="session")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built pages."""
    environment = os.environ.copy()
    try:
        site = tmp_path_factory.mktemp("book")
        return building.build(NOTEBOOKS, site=site).parent
    finally:
        assert os.environ == environment


@pytest.fixture(scope="session")
def parsed(html: Path) -> dict[str, Page]:
    """The pages by their path."""
    return {path.relative_to(html).as_posix(): Page(path) for path in html.rglob("*.html")}


def test_there_is_a_page_for_everything(parsed: dict[str, Page]) -> None:
    tasks = sorted((executed.ROOT / "exercises" / "transport").glob("*.ipynb"))
    wanted = [LESSON, "notebooks/index", "chapters/transport", "glossary", "bibliography", "index"]
    wanted += [f"exercises/transport/{path.stem}" for path in tasks]
    assert {f"{name}.html" for name in wanted} <= set(parsed)
    assert not [name for name in parsed if "solutions" in name]


def test_a_notebook_is_there_with_its_outputs(html: Path) -> None:
    text = (html / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "Trajectory(Li25O4, 58 atoms" in text
    assert "Interactive: open this page in JupyterLab" in text  # in place of widgets
    assert "application/vnd.jupyter.widget" not in text
    assert "/ipykernel_" not in text


def test_a_button_opens_the_notebook_in_binder(parsed: dict[str, Page]) -> None:
    name = pages.repository().removeprefix("https://github.com/")
    address = f"https://mybinder.org/v2/gh/{name}/HEAD?urlpath=lab%2Ftree%2F"
    target = f"{address}notebooks%2Ftransport%2F02-random-walks.ipynb"
    assert target in parsed[f"{LESSON}.html"].links
    assert not [link for link in parsed["glossary.html"].links if "mybinder" in link]


def test_links_between_pages_lead_somewhere(html: Path, parsed: dict[str, Page]) -> None:
    for name, page in parsed.items():
        for link in page.links:
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            there = ((html / name).parent / unquote(path)).resolve() if path else html / name
            assert there.is_file(), (name, link)
            if anchor and there.suffix == ".html":
                target = parsed[there.relative_to(html.resolve()).as_posix() if path else name]
                assert unquote(anchor) in target.ids, (name, link)


def test_every_picture_has_alternative_text(parsed: dict[str, Page]) -> None:
    shown = [image for page in parsed.values() for image in page.images]
    assert len(shown) >= 8
    for image in shown:
        assert (image["alt"] or "").strip(), str(image["src"])[:80]


def test_the_pages_can_be_read_without_a_network(html: Path, parsed: dict[str, Page]) -> None:
    for name, page in parsed.items():
        for address in [*page.loaded, *(str(image["src"]) for image in page.images)]:
            assert not re.match(r"(https?:)?//", address), (name, address)
    assert (html / "_static" / "mathjax" / "tex-chtml.js").is_file()


def test_terms_lead_to_the_glossary_and_back(parsed: dict[str, Page]) -> None:
    there = [link for link in parsed[f"{LESSON}.html"].links if "glossary.html#term-" in link]
    assert len(there) == len(set(there)) >= 2  # each once a page
    assert f"{LESSON}.html" in parsed["glossary.html"].links
    terms = {name for name in parsed["glossary.html"].ids if name.startswith("term-")}
    assert len(terms) == len(TERMS.terms)


def test_the_bibliography_lists_every_entry(html: Path) -> None:
    entries = re.findall(r"^@\w+\{", (BOOK / "references.bib").read_text("utf-8"), re.MULTILINE)
    text = (html / "bibliography.html").read_text(encoding="utf-8")
    assert text.count('class="citation"') == len(entries) > 10
    assert text.count("doi.org/") >= len(entries) - 1


def test_the_bibliography_holds_what_the_notebooks_cite() -> None:
    cited = "".join(
        cell.source
        for path in executed.notebooks()
        for cell in nbformat.read(path, as_version=4).cells
    )
    text = (BOOK / "references.bib").read_text("utf-8")
    found = re.findall(r"volume = \{(\d+)\}, pages = \{(\d+)[^}]*\}, year = \{(\d+)\}", text)
    assert len(found) == text.count("@article")
    for volume, page, year in found:
        assert f"**{volume}**, {page} ({year})" in cited, (volume, page, year)


def test_every_term_is_used_in_the_course() -> None:
    found = glossary.Glossary(TERMS.terms)
    for path in executed.notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                found.link(cell.source, path.name, set())
    assert [term.name for term in TERMS.terms if term.name not in found.used] == []


def test_only_running_text_is_linked() -> None:
    terms = glossary.Glossary([glossary.Term("supercell", (), "Many cells.")])
    text = "# A supercell\n\n`supercell` $supercell$ [a supercell](x.md)\n\nSupercells, supercell"
    linked = terms.link(text, "page.ipynb", set())
    assert linked == text.replace("Supercells,", "{term}`Supercells <supercell>`,")
    assert terms.used == {"supercell": ["page.ipynb"]}


def test_a_term_without_a_meaning_is_refused(tmp_path: Path) -> None:
    (tmp_path / "glossary.md").write_text(
        "# Glossary\n\n## empty\n\n*Also:* void\n\n## full\n\nYes.\n"
    )
    with pytest.raises(ValueError, match="'empty' has no meaning"):
        glossary.Glossary.read(tmp_path / "glossary.md")


def test_every_picture_in_a_text_has_alternative_text() -> None:
    for path in [
        *executed.NOTEBOOKS.rglob("*.ipynb"),
        *(executed.ROOT / "exercises").rglob("*.ipynb"),
    ]:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                assert not re.search(r"!\[\s*\]\(", cell.source), path
                assert (
                    figures.without_text({"outputs": [{"data": {"text/html": cell.source}}]}) == 0
                )


def test_a_notebook_that_fails_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "notebooks" / "toy"
    folder.mkdir(parents=True)
    for name, source in {"good": "1 + 1", "bad": "1 / 0"}.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        nbformat.write(notebook, folder / f"{name}.ipynb")
    good, bad = folder / "good.ipynb", folder / "bad.ipynb"
    cache, said = tmp_path / "cache", []
    with pytest.raises(executed.NotExecutedError, match=r"toy/bad\.ipynb[\s\S]*ZeroDivisionError"):
        executed.execute([good, bad], cache=cache, say=said.append)
    assert [path.name.partition(".")[0] for path in (cache / "toy").iterdir()] == ["good"]
    kept = executed.kept(good, cache)
    assert nbformat.read(kept, as_version=4).cells[0].outputs[0].data["text/plain"] == "2"
    said.clear()
    assert executed.execute([good], cache=cache, say=said.append) == {good: kept}
    assert said == []  # not run again
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("2 + 2")]), good)
    assert executed.kept(good, cache) != kept  # another text, another run
