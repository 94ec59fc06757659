"""The book and the slides, made from the notebooks: ``python -m book html`` and ``python -m book slides``.

Tools of who teaches, run from a clone (``make book``, ``make slides``); not part of the package.
"""
