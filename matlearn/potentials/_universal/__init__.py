"""Training a universal potential further: graphs, atomic references, the loop over epochs."""
