"""The calculators that are ours, and the corrections they were trained with."""
