"""Behind ``matlearn phonons``: its words, its files, its tables."""
