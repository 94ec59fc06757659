"""Where data sets come from: registry, verification, cache, download."""
