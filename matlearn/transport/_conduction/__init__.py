"""Behind activation and conduction: fits, charge transport."""
