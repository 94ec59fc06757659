"""Loaders of the chapter's own data sets."""
