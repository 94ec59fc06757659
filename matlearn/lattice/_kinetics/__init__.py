"""The parts of kinetic Monte Carlo: hops, barriers, bookkeeping, displacements. Private."""
