"""The search for a transition: which runs to make, and what follows from them."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from ase import Atoms
from numpy.typing import NDArray

from matlearn.lattice._order.patterns import BinaryLattice
from matlearn.lattice._phases.bars import lengthen
from matlearn.lattice._phases.coexistence import coexistence
from matlearn.lattice._phases.deciding import Hysteresis, highest, hysteresis
from matlearn.lattice._phases.measuring import Row, grand_energy
from matlearn.lattice._phases.passages import TWO_PEAKS, Passage, finer, turns
from matlearn.lattice._phases.sizes import Sizes
from matlearn.lattice._phases.sweeping import Chain, Setting, quenched, run_chain, stirred
from matlearn.lattice._scans.shipping import unpack
from matlearn.lattice.statistics import Estimate
from matlearn.parallel import map_unordered

Floats = NDArray[np.float64]


@dataclass
class Search:
    """One search; `result` gives the fields of a `Transition`."""

    setting: Setting
    supercell: Atoms
    concentrations: Mapping[str, float] | None
    sizes: tuple[int, ...]
    free_energies: bool
    seed: int
    client: Any
    workers: int | None
    bar: Any
    heating: Passage = field(default_factory=Passage)
    cooling: Passage = field(default_factory=Passage)
    larger: list[tuple[int, Row]] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    _lattice: BinaryLattice | None = None
    _count: int = 0

    def result(self, temperatures: Floats) -> dict[str, Any]:
        """Make the runs and decide."""
        self._disordered = self._random_start()
        (cooled,) = self._chains([(self._disordered, temperatures[::-1])])
        self.cooling.add(*cooled[:2])
        self._ordered = self._ordered_state(cooled)
        self._set_order()
        (heated,) = self._chains([(self._ordered, temperatures)])
        self.heating.add(*heated[:2])
        found = self._compare()
        if found.bracket is not None:
            fine = finer(found.bracket, len(temperatures), temperatures)
            up, down = self._chains([(self._ordered, fine), (self._disordered, fine[::-1])])
            self.heating.add(*up[:2])
            self.cooling.add(*down[:2])
            found = self._compare()
        first_order = self._is_first_order(found)
        if first_order is not None:
            return self._first_order(*first_order)
        return self._continuous()

    def _random_start(self) -> Atoms:
        if self.concentrations is not None:
            start = self.setting.simulation(self.supercell, 1.0, self.seed, self.concentrations)
            return start.atoms
        return stirred(self.setting, self.supercell, self.seed)

    def _chains(self, asked: Sequence[tuple[Atoms, Any]]) -> list[tuple[Any, ...]]:
        """Run over temperatures, one or several side by side."""
        chains = []
        for atoms, temperatures in asked:
            self._count += 1
            seed = int(np.random.SeedSequence([self.seed, self._count]).generate_state(1)[0])
            order = tuple(float(t) for t in temperatures)
            chains.append(Chain(self.setting, atoms, order, None, seed))
        return self._map(chains)

    def _map(self, chains: Sequence[Chain]) -> list[tuple[Any, ...]]:
        lengthen(self.bar, len(chains))
        results: list[Any] = [None] * len(chains)
        workers = 1 if len(chains) == 1 and self.client is None else self.workers
        with contextlib.closing(
            map_unordered(run_chain, chains, client=self.client, workers=workers)
        ) as done:
            for index, result in done:
                results[index] = result
                self.bar.update()
        return results

    def _ordered_state(self, cooled: tuple[Any, ...]) -> Atoms:
        """Choose the given configuration, or what cooling found where that is lower in energy."""
        given, found = self.supercell, self._disordered.copy()
        found.numbers = cooled[2]
        coldest = min(self.cooling.rows)
        found, energy = quenched(self.setting, found, coldest, self.seed)
        if (
            self.setting.ensemble == "canonical"
            and (np.sort(given.numbers) != np.sort(found.numbers)).any()
        ):
            return found
        simulation = self.setting.simulation(given, 1.0, self.seed)
        if grand_energy(simulation) / simulation.n_active <= energy + 1e-9:
            return given.copy()
        self.evidence.append(
            "heating starts from the state found by cooling: lower in energy than the one given"
        )
        return found

    def _set_order(self) -> None:
        """Take the ordered state's superstructure peaks as the order parameter, if none is given."""
        if self.setting.order is not None:
            return
        try:
            lattice = BinaryLattice.of(unpack(self.setting.packed))
        except ValueError:
            self.evidence.append("not a binary: an order_parameter of your own is needed")
            return
        self._lattice = lattice
        self.setting = replace(self.setting, order=lattice.pattern("own", self._ordered))

    def _compare(self) -> Hysteresis:
        return hysteresis(
            self.heating.temperatures, self.heating.triple, self.cooling.triple,
            boltzmann_constant=self.setting.boltzmann_constant,
        )  # fmt: skip

    def _is_first_order(self, found: Hysteresis) -> tuple[float, float, float] | None:
        """Give bracket and latent heat if the transition is of first order, and say why."""
        temperatures = self.heating.temperatures
        melting, ordering = found.melting, found.ordering
        if melting and ordering and found.apart:
            self.evidence.append(
                f"hysteresis: disordered on heating between {melting[0]:.5g} and {melting[1]:.5g}, "
                f"ordered on cooling between {ordering[1]:.5g} and {ordering[0]:.5g}"
            )
            return ordering[0], melting[1], found.latent_heat
        if melting and found.apart and self._jumped_up(melting):
            self.evidence.append(
                f"disordered on heating between {melting[0]:.5g} and {melting[1]:.5g} by a jump; "
                f"on cooling no order was found down to {temperatures[0]:.5g} in these sweeps"
            )
            return float(temperatures[0]), melting[1], found.latent_heat
        at, depth, distance = turns(self.heating, self.cooling)
        k = int(np.flatnonzero(temperatures == at)[0])
        if depth > TWO_PEAKS and 0 < k < len(temperatures) - 1:
            self.evidence.append(
                f"the energies at {at:.5g} have two peaks with a valley {depth:.0%} deep between "
                "them: two phases take turns"
            )
            return float(temperatures[k - 1]), float(temperatures[k + 1]), distance
        if melting and ordering:
            self.evidence.append(
                f"the energy jumps between {min(melting[0], ordering[0]):.5g} and "
                f"{max(melting[1], ordering[1]):.5g}, heating and cooling alike"
            )
            low, high = min(melting[0], ordering[0]), max(melting[1], ordering[1])
            return low, high, found.latent_heat
        self.evidence.append("no jump, no hysteresis and no two peaks in the energy")
        return None

    def _jumped_up(self, melting: tuple[float, float]) -> bool:
        """Tell whether heating jumped; else cooling only got stuck among domains."""
        low, high = (self.heating.rows[t] for t in melting)
        thermal = self.setting.boltzmann_constant * melting[1]
        beta = abs(1 / melting[0] - 1 / melting[1]) / self.setting.boltzmann_constant
        believed = 2.0 * beta * low["grand_energy_variance"]
        return bool(high["grand_energy"] - low["grand_energy"] > believed + 0.1 * thermal)

    def _first_order(self, low: float, high: float, jump: float) -> dict[str, Any]:
        bracket, middle, half = (low, high), 0.5 * (low + high), 0.5 * (high - low)
        estimates: list[tuple[str, float, float, str]] = [
            ("hysteresis bracket", middle, half, "bracket")
        ]
        latent = Estimate(jump, math.nan)
        if self.free_energies:
            met = coexistence(
                self.setting, self._ordered, self._disordered, bracket,
                self.heating.rows, self.cooling.rows,
                seed=self.seed, client=self.client, workers=self.workers, bar=self.bar,
            )  # fmt: skip
            if met is None:
                self.evidence.append("free energies integrated from both sides do not cross there")
            else:
                estimate = ("crossing of free energies", met[0], met[1], "statistical")
                off = max(low - met[0], met[0] - high)
                better = off <= 0 and met[1] < half  # else the bracket says more
                estimates.insert(1 if better else 0, estimate)
                latent = met[2]
                self.evidence.append(
                    f"free energies from both sides cross at {Estimate(met[0], met[1])}, "
                    f"{'outside' if off > 0 else 'within'} the bracket"
                )
                if off > 2 * met[1]:
                    self.evidence.append("so one of them is wrong: try a larger cell, more sweeps")
        return self._fields("first order", estimates, bracket, latent)

    def _continuous(self) -> dict[str, Any]:
        temperatures = self.heating.temperatures
        heat = np.mean([p.column("heat_capacity") for p in self._both], axis=0)
        k, top = highest(list(temperatures), heat)
        step = float(temperatures[1] - temperatures[0])
        error = 0.5 * np.hypot(*(p.column("heat_capacity_error") for p in self._both))
        end = 0 if heat[0] > heat[-1] else -1
        if heat[k] - heat[end] <= 2 * np.hypot(error[k], error[end]):
            self.evidence.append(
                f"the heat capacity is highest at the end of the range, {temperatures[end]:.5g}"
                f"{'' if heat[k] == heat[end] else ', within its errors'}"
            )
            return self._fields("none found", [], None, None)
        self.evidence.append(f"heat capacity highest at {top:.5g}, {heat[k]:.3g} kB a site")
        estimates = [("peak of the heat capacity", top, step, "bracket")]
        if len(self.sizes) == 1:
            return self._fields("continuous", estimates, None, None)
        window = np.linspace(max(top - 1.2 * step, 0.5 * top), top + 1.2 * step, 7)
        several = Sizes(
            self.setting, self._ordered, self.sizes, self._lattice, self.seed, self._map
        )
        found, said = several.followed(window)
        self.larger = several.rows
        self.evidence += said
        jump = several.jump()
        if jump is not None:
            return self._with_more_sites(several, jump)
        low, high = temperatures[0], temperatures[-1]
        if found and not low <= found[-1][1] <= high:
            self.evidence.append(f"that is not between {low:.5g} and {high:.5g}: look there")
            return self._fields("none found", [], None, None)
        if not found and not several.matters():
            self.evidence.append("the heat capacity is the same in all sizes: no phase transition")
            return self._fields("none found", [], None, None)
        return self._fields("continuous", estimates + found, None, None)

    @property
    def _both(self) -> tuple[Passage, Passage]:
        return self.heating, self.cooling

    def _with_more_sites(self, several: Sizes, jump: tuple[float, float]) -> dict[str, Any]:
        """Search again with the largest size, whose energies jump."""
        cell = several.repeated(max(self.sizes))
        self.evidence.append(
            f"with {len(cell)} sites the energy jumps between {jump[0]:.5g} and {jump[1]:.5g}: "
            f"{len(self._ordered)} sites are too few to see it"
        )
        search = Search(
            self.setting, cell, self.concentrations, (1,), self.free_energies, self.seed + 1,
            self.client, self.workers, self.bar,
        )  # fmt: skip
        if self._lattice is not None:  # found anew
            search.setting = replace(self.setting, order=None)
        search.evidence = self.evidence
        return search.result(several.window)

    def _fields(
        self,
        kind: str,
        estimates: list[tuple[str, float, float, str]],
        bracket: tuple[float, float] | None,
        latent: Estimate | None,
    ) -> dict[str, Any]:
        best = estimates[-1] if estimates else ("none", math.nan, math.nan, "bracket")
        columns = ["method", "temperature", "error", "error_is"]
        return {
            "temperature": best[1], "error": best[2], "kind": kind, "method": best[0],
            "error_is": best[3], "bracket": bracket, "latent_heat": latent,
            "evidence": tuple(self.evidence),
            "_estimates": pd.DataFrame(estimates, columns=columns), "_table": self._table(),
        }  # fmt: skip

    def _table(self) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        for run, runs in (("heating", self.heating), ("cooling", self.cooling)):
            rows += [{"run": run, **runs.rows[t]} for t in sorted(runs.rows)]
        rows += [{"run": f"size {size}", **row} for size, row in self.larger]
        frame = pd.DataFrame(rows)
        kept = ["run", "n_sites", "temperature"]
        for name in ("energy", "grand_energy", "heat_capacity", "order", "binder"):
            kept += [c for c in (name, f"{name}_error") if c in frame]
        return frame[kept]
