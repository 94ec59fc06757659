"""The course's map: its source, its picture, its tables. Private to :mod:`matlearn.course_map`."""
