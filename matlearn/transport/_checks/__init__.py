"""What the checks of the transport exercises compute for themselves."""
