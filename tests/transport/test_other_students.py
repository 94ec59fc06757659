"""The recorded students of silver sulfide: other seeds, other versions of the teacher."""

from __future__ import annotations

from matlearn import datasets


def test_students_differ_by_more_than_their_runs_say_and_one_melts_the_lattice() -> None:
    table = datasets.load("silver-sulfide-students").set_index(["teacher", "seed"])
    assert (table["error"] < 0.05 * table["value"]).all()
    one, other = table.loc[("0.3.0", 1)], table.loc[("0.3.0", 2)]
    assert abs(one["value"] - other["value"]) < 2 * (one["error"] + other["error"])
    older = table.loc[("0.2.0", 1)]
    assert one["value"] - older["value"] > 5 * older["error"]
    assert (table["sulfur_msd"] > 10).tolist() == [row[0] == "r2scan" for row in table.index]
    assert (table["note"] == "").all()
