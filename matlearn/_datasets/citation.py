"""References of the registry as text for a reader and as BibTeX."""

from __future__ import annotations

from typing import Any

_NOT_PRINTED = {"type"}


def _authors(fields: dict[str, Any]) -> list[str]:
    return [author.strip("{}") for author in str(fields["author"]).split(" and ")]


def short(fields: dict[str, Any]) -> str:
    """Author and year, as in running text.

    Examples
    --------
    >>> short({"author": "Chris J. Pickard and R. J. Needs", "year": 2011})
    'Pickard and Needs 2011'
    """
    if fields["author"].startswith("{"):
        names = _authors(fields)
    else:
        names = [author.split()[-1] for author in _authors(fields)]
    if len(names) > 2 or "others" in names:
        return f"{names[0]} et al. {fields['year']}"
    return f"{' and '.join(names)} {fields['year']}"


def text(fields: dict[str, Any]) -> str:
    """One line of a bibliography.

    Examples
    --------
    >>> text({"author": "A. Bee and others", "title": "On", "journal": "J", "volume": "2",
    ...       "pages": "7", "year": 2011, "doi": "10.1/x"})
    'A. Bee et al. On. J 2, 7 (2011). https://doi.org/10.1/x'
    """
    authors = ", ".join(_authors(fields)).replace(", others", " et al")
    title, year = fields["title"], f"({fields['year']})"
    if "journal" in fields:
        where = f"{fields['journal']} {fields['volume']}, {fields['pages']} {year}"
        line = f"{authors}. {title}. {where}."
    else:
        note = f", {fields['note']}" if "note" in fields else ""
        line = f"{authors}. {title} {year}{note}."
    if "doi" in fields:
        return f"{line} https://doi.org/{fields['doi']}"
    return f"{line} {fields['url']}" if "url" in fields else line


def bibtex(key: str, fields: dict[str, Any]) -> str:
    """One entry of a BibTeX file, in UTF-8.

    Examples
    --------
    >>> print(bibtex("bee-2011", {"type": "misc", "author": "A. Bee", "title": "On",
    ...                           "year": 2011}))
    @misc{bee-2011,
      author = {A. Bee},
      title = {{On}},
      year = {2011},
    }
    """
    lines = [f"@{fields['type']}{{{key},"]
    for field, value in fields.items():
        if field not in _NOT_PRINTED:
            shown = f"{{{value}}}" if field == "title" else str(value)
            lines.append(f"  {field} = {{{shown}}},")
    return "\n".join([*lines, "}"])
