"""Relax many structures so that nothing done is lost: the part that chapters share."""
