"""Sphinx's settings of the book; the pages are written by ``book.pages``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from book import pages

project = "matlearn"
author = "The matlearn developers"
copyright = "The matlearn developers; texts CC BY 4.0, code MIT"  # Sphinx wants this name
extensions = [
    "myst_nb",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # formulas without a network
    "sphinxcontrib.bibtex",
]
nb_execution_mode = "off"  # book.executed ran them
nb_render_image_options = {"alt": ""}
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 4
suppress_warnings = [
    "myst.header",  # cells begin with headings of any level
    "mystnb.unknown_mime_type",
]
bibtex_bibfiles = [str(Path(__file__).with_name("references.bib"))]
html_theme = "pydata_sphinx_theme"
html_title = "matlearn"
html_copy_source = False
html_static_path = [str(Path(__file__).with_name("static"))]
html_css_files = ["book.css"]
templates_path = [str(Path(__file__).with_name("templates"))]
html_theme_options = {
    "article_header_end": ["launch"],
    "show_prev_next": True,
    "navigation_with_keys": False,
    "icon_links": [
        {"name": "Repository", "url": pages.repository(), "icon": "fa-brands fa-github"},
    ],
}


def _launch(app: Any, pagename: str, templatename: str, context: dict, doctree: Any) -> None:
    """Give a notebook's page the address where Binder opens it."""
    if (Path(app.srcdir) / f"{pagename}.ipynb").exists():
        context["launch_url"] = pages.launch_url(f"{pagename}.ipynb")


def setup(app: Any) -> None:
    """Tell Sphinx of the launch button."""
    app.connect("html-page-context", _launch)
