"""Kernels and geometry behind distribution functions, density maps and sites."""
