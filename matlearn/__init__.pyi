from . import (
    calculators as calculators,
    course_map as course_map,
    datasets as datasets,
    exercises as exercises,
    fitting as fitting,
    lattice as lattice,
    notebook as notebook,
    parallel as parallel,
    phonons as phonons,
    plotting as plotting,
    potentials as potentials,
    predictions as predictions,
    quizzes as quizzes,
    regression as regression,
    search as search,
    store as store,
    transport as transport,
    widgets as widgets,
)

__version__: str
