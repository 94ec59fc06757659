"""The parts of temperature scans: one temperature, and expansions sent to workers. Private."""
