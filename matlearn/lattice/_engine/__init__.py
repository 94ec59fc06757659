"""The Monte Carlo engine: sites, tables, states and files. Private."""
