"""Compiled kernels of the lattice chapter: arrays in, arrays out.

They know nothing of ASE or icet. The state of the random numbers is an array that the caller owns.
"""
