"""Compiled kernels of moment tensor potentials: arrays in, arrays out."""
