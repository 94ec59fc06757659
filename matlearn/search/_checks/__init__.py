"""The checks of the structure-search chapter's exercises, an exercise a module."""
