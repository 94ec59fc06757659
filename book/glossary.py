"""The glossary: terms and their definitions, and where the course uses them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

# what is no running text: code, formulas, links and pictures, tags, headings, tables
_APART = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|!?\[[^\]]*\]\([^)]*\)|<[^>]*>|^#.*?$|^\|.*?$|https?://\S+",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Term:
    """A term as it stands in ``glossary.md``.

    Attributes
    ----------
    name : str
        The term.
    also : tuple of str
        Other words for it.
    meaning : str
        One or two sentences.
    """

    name: str
    also: tuple[str, ...]
    meaning: str

    def pattern(self) -> str:
        """A regular expression of its words, singular and plural."""
        words = sorted((self.name, *self.also), key=len, reverse=True)
        return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)


@dataclass
class Glossary:
    """Terms, and the pages on which they were found.

    Attributes
    ----------
    terms : list of Term
        In alphabetical order.
    used : dict
        Names of pages by the name of a term; filled by :meth:`link`.
    """

    terms: list[Term]
    used: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Glossary:
        """Read ``glossary.md``: a heading for each term, perhaps *Also:* other words, the meaning.

        Parameters
        ----------
        path : pathlib.Path
            The file.

        Returns
        -------
        Glossary

        Raises
        ------
        ValueError
            If a term comes twice or has no meaning.
        """
        terms: dict[str, Term] = {}
        for part in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            name, _, body = part.partition("\n")
            match = re.match(r"\s*\*Also:\*\s*(.*?)\n", body)
            also = tuple(word.strip() for word in match[1].split(",")) if match else ()
            meaning = " ".join(body[match.end() if match else 0 :].split())
            if not meaning or name.strip() in terms:
                raise ValueError(
                    f"{path.name}: the term {name.strip()!r} has no meaning, or is there twice"
                )
            terms[name.strip()] = Term(name.strip(), also, meaning)
        return cls(sorted(terms.values(), key=lambda term: term.name.lower()))

    def link(self, text: str, page: str, linked: set[str]) -> str:
        """Link the first use of each term in a page's running text to the glossary.

        Parameters
        ----------
        text : str
            Markdown.
        page : str
            Name of the page, which is remembered with the term.
        linked : set of str
            Terms that the page has linked before; those found now are added.

        Returns
        -------
        str
        """
        by_word = {
            " ".join(word.lower().split()): term
            for term in self.terms
            for word in (term.name, *term.also)
        }
        pattern = "|".join(
            re.escape(word).replace(r"\ ", r"\s+")
            for word in sorted(by_word, key=len, reverse=True)
        )
        if not pattern:
            return text

        def replace(match: re.Match[str]) -> str:
            term = by_word[" ".join(match[1].lower().split())]
            pages = self.used.setdefault(term.name, [])
            if page not in pages:
                pages.append(page)
            if term.name in linked:
                return match[0]
            linked.add(term.name)
            return f"{{term}}`{' '.join(match[0].split())} <{term.name}>`"

        finder = re.compile(rf"(?<![\w-])({pattern})(?:s|es)?(?![\w-])", re.IGNORECASE)
        pieces, position = [], 0
        for apart in _APART.finditer(text):
            pieces += [finder.sub(replace, text[position : apart.start()]), apart[0]]
            position = apart.end()
        return "".join([*pieces, finder.sub(replace, text[position:])])

    def page(self) -> str:
        """The glossary as a page: each term, what it means, and where it is used.

        Returns
        -------
        str
            MyST Markdown.
        """
        lines = ["# Glossary", "", "```{glossary}"]
        for term in self.terms:
            lines += [term.name, f"  {term.meaning}", ""]
            pages = [name for name in self.used.get(term.name, []) if name.endswith(".ipynb")]
            if pages:
                links = " · ".join(f"[{_short(name)}](/{name})" for name in pages)
                lines += [f"  *Used in* {links}", ""]
        return "\n".join([*lines, "```", ""])


def _short(name: str) -> str:
    """``notebooks/lattice/04-monte-carlo.ipynb`` as ``lattice 4``; an exercise as such."""
    parts = name.split("/")
    number = re.match(r"(\d+)-", parts[-1])
    words = f"{parts[-2]} {int(number[1])}" if number else parts[-1].removesuffix(".ipynb")
    return f"exercise {words}" if parts[0] == "exercises" else words
