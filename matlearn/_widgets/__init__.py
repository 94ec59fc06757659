"""What stands behind the widgets: drawing, nglview, the explorer."""
