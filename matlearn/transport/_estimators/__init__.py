"""Behind displacements and diffusion: sums, covariances, fits."""
