"""Tasks whose results are kept in a store, so that an interrupted diagram goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matlearn.lattice._phases.tracing import Result, Task, Tracer
from matlearn.lattice._scans.shipping import digest
from matlearn.parallel import map_unordered
from matlearn.store import Store


@dataclass
class Work:
    """Does tasks that are not in the store yet."""

    tracer: Tracer
    mark: str
    seed: int
    client: Any
    workers: int | None
    store: Store | None = None
    bar: Any = None

    def done(self, tasks: Mapping[str, Task]) -> dict[str, Result]:
        """Give the results of tasks by name, in their order."""
        results: dict[str, Result] = {}
        todo = []
        for name, task in tasks.items():
            if self.store is not None and name in self.store:
                kept = self.store.info(name)
                if kept["mark"] != self.mark:
                    raise ValueError(
                        f"store {self.store.path} holds a phase diagram of another expansion, "
                        "supercell or other settings: choose another file, or delete it"
                    )
                results[name] = kept["result"]
                self.bar.update()
            else:
                number = int(digest(self.seed, name)[:8], 16)
                todo.append((name, {**task, "seed": number}))
        with contextlib.closing(
            map_unordered(
                self.tracer, [t for _, t in todo], client=self.client, workers=self.workers
            )
        ) as outcomes:
            for index, result in outcomes:
                name = todo[index][0]
                results[name] = result
                if self.store is not None:
                    self.store.add(name, None, mark=self.mark, result=result)
                self.bar.update()
        return {name: results[name] for name in tasks}
