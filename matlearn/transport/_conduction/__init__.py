"""Points, units and errors behind Arrhenius laws, conductivities and Haven ratios."""
