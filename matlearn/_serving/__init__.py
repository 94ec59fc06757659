"""How JupyterLab is served where memory is short, such as on Binder."""
