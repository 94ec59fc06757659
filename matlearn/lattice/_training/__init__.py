"""The parts of training sets: species, mapping, tables, files. Private."""
