"""NequIP networks: configuration, training, evaluation and compilation."""
