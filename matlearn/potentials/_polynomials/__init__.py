"""Polynomial potentials: what stands between ASE and pypolymlp."""
