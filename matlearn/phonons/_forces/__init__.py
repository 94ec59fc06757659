"""Forces of displaced supercells: computed, kept, resumed; or read from VASP's runs."""
