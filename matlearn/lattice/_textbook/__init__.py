"""The parts of textbook models: lattices by name, finite lattices exactly. Private."""
