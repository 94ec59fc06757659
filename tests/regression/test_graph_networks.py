"""Graph networks: what they must not see, what they can learn, and how they are kept."""

from __future__ import annotations

import json

import joblib
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, make_supercell
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.utils import estimator_checks

from matlearn import regression
from matlearn._tensors import read_tensors, write_tensors
from matlearn.regression import CrystalGraphClassifier, CrystalGraphNetwork, graph, run_matbench

_QUICK = {"width": 8, "layers": 2, "epochs": 4, "device": "cpu"}
_RUTILE = Atoms(
    "Ti2O4", cell=[4.59, 4.59, 2.96], pbc=True,
    scaled_positions=[[0, 0, 0], [0.5, 0.5, 0.5], [0.305, 0.305, 0], [0.695, 0.695, 0],
                      [0.195, 0.805, 0.5], [0.805, 0.195, 0.5]],
)  # fmt: skip


def _salts() -> tuple[list[Atoms], np.ndarray]:
    """Rocksalt of many sizes, with the distance of neighbours as their property."""
    cells = [
        bulk(f"{a}{b}", "rocksalt", a=lattice)
        for a, b in (("Na", "Cl"), ("Mg", "O"), ("K", "Br"), ("Li", "F"))
        for lattice in (4.2, 4.6, 5.0, 5.4, 5.8)
    ]
    return cells, np.array([cell.cell.array.max() for cell in cells])


@pytest.fixture(scope="module")
def model() -> CrystalGraphNetwork:
    """Two networks that have seen a few crystals, on a logarithmic scale."""
    cells, y = _salts()
    network = CrystalGraphNetwork(members=2, target_scale="log", **_QUICK)
    return network.fit([*cells, _RUTILE], [*(100 * y**2), 600.0])


def _same_crystals() -> dict[str, Atoms]:
    random = np.random.default_rng(1)
    turned, moved = _RUTILE.copy(), _RUTILE.copy()
    turned.rotate(71.0, (0.3, -1.0, 2.0), rotate_cell=True)
    moved.translate([0.3, -5.1, 17.2])
    mirrored = _RUTILE.copy()
    mirrored.set_cell(mirrored.cell.array * [-1, 1, 1], scale_atoms=True)
    return {
        "turned": turned,
        "moved": moved,
        "mirrored": mirrored,
        "reordered": _RUTILE[random.permutation(6)],
        "other cell": make_supercell(_RUTILE, [[1, 0, 0], [1, 1, 0], [0, -1, 1]]),
        "supercell": make_supercell(_RUTILE, [[2, 0, 0], [0, 1, 0], [1, 0, 2]]),
    }


@pytest.mark.parametrize("name", list(_same_crystals()))
def test_prediction_does_not_depend_on_how_a_crystal_is_written_down(model, name):
    same, expected = _same_crystals()[name], model.predict([_RUTILE])
    np.testing.assert_allclose(model.predict([same]), expected, rtol=5e-6)


def test_another_crystal_is_another_prediction(model):
    squeezed = _RUTILE.copy()
    squeezed.set_cell(squeezed.cell.array * [1, 1, 0.9], scale_atoms=True)
    assert abs(model.predict([squeezed])[0] / model.predict([_RUTILE])[0] - 1) > 2e-4


def test_prediction_does_not_depend_on_the_company(model):
    cells, _ = _salts()
    together = model.predict(cells)
    np.testing.assert_allclose([model.predict([c])[0] for c in cells[:4]], together[:4], rtol=1e-5)


def test_layer_is_the_mean_of_messages_weighed_by_gates():
    import torch

    from matlearn.regression._graphs.layers import GatedConvolution

    torch.manual_seed(0)
    layer = GatedConvolution(3, 2, 0.0).double()
    h, e = torch.randn(3, 3, dtype=torch.double), torch.randn(4, 2, dtype=torch.double)
    centre, neighbour = torch.tensor([0, 0, 1, 2]), torch.tensor([1, 2, 0, 0])
    new, gates = layer(h, centre, neighbour, e)
    w = {name: value.detach().numpy() for name, value in layer.state_dict().items()}
    old = h.numpy()
    x = (old - old.mean(1, keepdims=True)) / np.sqrt(old.var(1, keepdims=True) + 1e-5)
    for atom in range(3):
        over, under = np.zeros(3), np.full(3, 1e-3)
        for edge in np.flatnonzero(centre.numpy() == atom):
            z = w["of_centre.weight"] @ x[atom] + w["of_centre.bias"]
            z += (
                w["of_neighbour.weight"] @ x[neighbour[edge]]
                + w["of_edge.weight"] @ e[edge].numpy()
            )
            gate, message = 1 / (1 + np.exp(-z[:3])), z[3:] / (1 + np.exp(-z[3:]))
            np.testing.assert_allclose(gates[edge].detach(), gate, rtol=1e-10)
            over, under = over + gate * message, under + gate
        expected = old[atom] + w["out.weight"] @ (over / under) + w["out.bias"]
        np.testing.assert_allclose(new[atom].detach(), expected, rtol=1e-10)


def test_network_learns_a_distance_that_no_composition_tells():
    cells, y = _salts()
    network = CrystalGraphNetwork(width=16, layers=1, epochs=60, learning_rate=0.01, device="cpu")
    network.fit(cells[:15] + cells[17:], np.delete(y, [15, 16]))
    predicted = network.predict(cells[15:17])  # lithium fluoride, two sizes left out
    np.testing.assert_allclose(predicted, y[15:17], atol=0.12)
    assert predicted[0] < predicted[1]


def test_without_layers_polymorphs_cannot_be_told_apart():
    cells, y = _salts()
    blind = CrystalGraphNetwork(**(_QUICK | {"layers": 0})).fit(cells, y)
    assert np.ptp(blind.predict(cells[:5])) < 1e-5 < np.ptp(blind.predict(cells))


def test_same_seed_same_network_and_another_seed_another():
    cells, y = _salts()
    network = CrystalGraphNetwork(**_QUICK)
    first, again = (clone(network).fit(cells, y).predict(cells) for _ in range(2))
    other = clone(network).set_params(random_state=1).fit(cells, y).predict(cells)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


def test_fitting_leaves_torch_as_it_was():
    import torch

    cells, y = _salts()
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    CrystalGraphNetwork(threads=threads + 1, **_QUICK).fit(cells, y)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


def test_guesses_of_atoms_add_up_to_the_prediction(model):
    told = model.atom_contributions(_RUTILE)
    assert told["element"].tolist() == list(_RUTILE.symbols)
    assert told["weight"].sum() == pytest.approx(1.0, abs=1e-6)
    mean = np.exp((told["weight"] * np.log(told["guess"])).sum())
    assert mean == pytest.approx(model.predict([_RUTILE])[0], rel=1e-5)
    assert mean == pytest.approx(told.attrs["prediction"], rel=1e-6)
    oxygen = told.loc[told["element"] == "O", "guess"]  # four of them, alike by symmetry
    assert np.ptp(oxygen) < 1e-4 * oxygen.mean()


def test_gates_are_between_shut_and_open_for_each_edge_and_layer(model):
    told = model.edge_gates(_RUTILE)
    assert len(told) == len(graph(_RUTILE).distances)
    gates = told[["layer 1", "layer 2"]].to_numpy()
    assert (gates > 0).all() and (gates < 1).all()


def test_members_scatter_about_the_prediction(model):
    cells, _ = _salts()
    members = model.predict_members(cells)
    assert members.shape == (2, len(cells))
    np.testing.assert_allclose(np.sqrt(members.prod(axis=0)), model.predict(cells), rtol=1e-6)
    assert (
        model.n_parameters_ == 2 * clone(model).set_params(members=1).fit(*_salts()).n_parameters_
    )


def test_validation_keeps_the_best_epoch():
    cells, y = _salts()
    settings = _QUICK | {"epochs": 12, "learning_rate": 0.3}  # so high that epochs get worse, too
    network = CrystalGraphNetwork(**settings).fit(
        cells[:15], y[:15], validation=(cells[15:], y[15:])
    )
    assert network.history_.columns.tolist() == [
        "member", "epoch", "loss", "validation", "learning_rate",
    ]  # fmt: skip
    best = network.history_["validation"].min()
    with pytest.warns(UserWarning, match="not in the training set: F "):
        error = np.abs(network.predict(cells[15:]) - y[15:]).mean()
    assert error == pytest.approx(best, rel=1e-5)


def test_interrupt_keeps_the_best_so_far(monkeypatch):
    from matlearn.regression._graphs import training

    cells, y = _salts()
    network = CrystalGraphNetwork(members=3, **_QUICK)
    whole, calls = training._epoch, []

    def interrupted_in(call: int):
        def epoch(*arguments):
            calls.append(call)
            if len(calls) == call:
                raise KeyboardInterrupt
            return whole(*arguments)

        calls.clear()
        return epoch

    monkeypatch.setattr(training, "_epoch", interrupted_in(3))
    network.fit(cells, y)
    assert network.stop_reason_ == "interrupted" and network.best_epochs_ == [2]
    assert np.isfinite(network.predict(cells)).all()
    monkeypatch.setattr(training, "_epoch", interrupted_in(7))
    assert clone(network).fit(cells, y).best_epochs_ == [4]  # the member that is complete
    monkeypatch.setattr(training, "_epoch", interrupted_in(1))
    with pytest.raises(KeyboardInterrupt):
        clone(network).fit(cells, y)


@pytest.mark.parametrize(
    ("y", "wanted", "kind"),
    [
        ([1.0, 2.0, 30.0], "auto", "log"),
        ([1.0, 2.0, 9.0], "auto", "linear"),
        ([0.0, 2.0, 30.0], "auto", "linear"),
        ([1.0, 2.0, 9.0], "log", "log"),
        ([1.0, 2.0, 30.0], "linear", "linear"),
    ],
)
def test_scale_is_logarithmic_where_targets_are_wide_and_positive(y, wanted, kind):
    cells = [bulk("Cu", a=a) for a in (3.5, 3.6, 3.7)]
    network = CrystalGraphNetwork(target_scale=wanted, **_QUICK).fit(cells, y)
    scale = network.target_scale_
    assert scale.kind == kind
    np.testing.assert_allclose(scale.back(scale.forward(np.array(y))), y, rtol=1e-9)


def test_files_hold_the_whole_network(model, tmp_path):
    cells, _ = _salts()
    model.save(tmp_path / "net.safetensors")
    joblib.dump(model, tmp_path / "net.joblib")
    for again in (
        CrystalGraphNetwork.load(tmp_path / "net.safetensors"),
        joblib.load(tmp_path / "net.joblib"),
    ):
        np.testing.assert_array_equal(again.predict(cells), model.predict(cells))
        assert again.get_params() == model.get_params()
        assert again.elements_ == model.elements_ and again.history_.equals(model.history_)


def test_files_that_are_something_else_are_refused(model, tmp_path):
    path = tmp_path / "net.safetensors"
    with pytest.raises(ValueError, match=r"end in \.safetensors"):
        model.save(tmp_path / "net.pkl")
    model.save(path)
    with pytest.raises(ValueError, match="holds a CrystalGraphNetwork: load it with that class"):
        CrystalGraphClassifier.load(path)
    tensors, metadata = read_tensors(path)
    write_tensors(path, tensors, metadata | {"settings": json.dumps({"width": 9})})
    with pytest.raises(ValueError, match="is no whole crystal graph network"):
        CrystalGraphNetwork.load(path)
    write_tensors(path, tensors, {"kind": "nequip"})
    with pytest.raises(ValueError, match="holds no crystal graph network, but 'nequip'"):
        CrystalGraphNetwork.load(path)


def test_classes_are_told_apart_by_distance():
    cells, y = _salts()
    classes = np.where(y > 2.45, "loose", "dense")
    classifier = CrystalGraphClassifier(**(_QUICK | {"epochs": 40, "learning_rate": 0.02}))
    classifier.fit(cells, classes, validation=(cells, classes))
    assert classifier.classes_.tolist() == ["dense", "loose"]
    probabilities = classifier.predict_proba(cells)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-12)
    wrong = (classifier.predict(cells) != classes).mean()
    assert wrong == classifier.history_["validation"].min() < 0.1
    with pytest.raises(ValueError, match="validation has the class 'odd', which y has not"):
        classifier.fit(cells, classes, validation=(cells[:1], ["odd"]))


@pytest.mark.parametrize(
    ("structures", "y", "error", "words"),
    [
        (["NaCl", "MgO"], [1.0, 2.0], TypeError, "formula does not say where the atoms are"),
        ([bulk("Cu")] * 2, [1.0, np.nan], ValueError, "y must be finite.*the first at 1"),
        ([bulk("Cu")] * 2, [1.0], ValueError, "one entry for each of the 2 structures, got 1"),
        ([bulk("Cu")] * 2, [[1.0, 2.0], [3.0, 4.0]], ValueError, "one number a structure"),
        ([bulk("Cu")] * 2, ["a", "b"], TypeError, "y must hold numbers"),
        (bulk("Cu"), [1.0], TypeError, "put it into a list"),
    ],
)
def test_impossible_data_are_refused_with_a_reason(structures, y, error, words):
    with pytest.raises(error, match=words):
        CrystalGraphNetwork(**_QUICK).fit(structures, y)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0"),
        ({"layers": -1}, "layers must be a whole number of at least 0, got -1"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1, got 1.0"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0, got 0.0"),
        ({"device": "tpu"}, "device must be 'auto', 'cpu' or 'cuda', got 'tpu'"),
        ({"target_scale": "root"}, "target_scale must be one of auto, linear, log, got 'root'"),
        ({"target_scale": "log"}, "targets above 0, got -1: take 'linear'"),
    ],
)
def test_impossible_settings_are_refused_when_fitting(settings, words):
    with pytest.raises(ValueError, match=words):
        CrystalGraphNetwork(**(_QUICK | settings)).fit([bulk("Cu")] * 2, [-1.0, 1.0])


def test_one_class_or_no_pair_is_refused():
    cells, y = _salts()
    with pytest.raises(ValueError, match="at least two classes, got only"):
        CrystalGraphClassifier(**_QUICK).fit(cells, y > 0)
    with pytest.raises(TypeError, match=r"validation must be a pair \(structures, targets\)"):
        CrystalGraphNetwork(**_QUICK).fit(cells, y, validation=cells)


def test_unseen_elements_are_warned_of(model):
    with pytest.warns(UserWarning, match=r"not in the training set: Cu \(in 2\)"):
        model.predict([bulk("Cu"), bulk("Cu", a=3.7)])


CHECKS = [
    estimator_checks.check_estimator_cloneable,
    estimator_checks.check_estimator_tags_renamed,
    estimator_checks.check_valid_tag_types,
    estimator_checks.check_estimator_repr,
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_set_params,
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_mixin_order,
    estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("estimator", [CrystalGraphNetwork, CrystalGraphClassifier])
def test_checks_of_scikit_learn_that_need_no_table_of_numbers(estimator, check):
    check(estimator.__name__, estimator())


def test_nothing_is_predicted_before_it_is_learned():
    for estimator in (CrystalGraphNetwork(), CrystalGraphClassifier()):
        with pytest.raises(NotFittedError):
            estimator.predict([bulk("Cu")])
        with pytest.raises(NotFittedError):
            estimator.edge_gates(bulk("Cu"))


def test_it_runs_in_cross_validation_and_by_the_protocol_of_matbench():
    cells, y = _salts()
    known = regression.graphs(cells, progress=False)
    network = CrystalGraphNetwork(**(_QUICK | {"epochs": 1}))
    with pytest.warns(UserWarning, match="elements that were not in the training set"):
        assert len(cross_val_score(network, known, y, cv=2)) == 2
    task = regression.Task(
        "salts", "regression", "distance", "A", [str(k) for k in range(20)],
        [cell.get_chemical_formula() for cell in cells], y, structures=cells,
    )  # fmt: skip
    result = run_matbench(task, network, folds=2, progress=False, workers=1)
    assert result.features == "structures" and len(result.predictions) == 20
    first = result.predictions.query("fold == 0")
    train, test = task.folds(2)[0]
    again = clone(network).fit([cells[k] for k in train], y[train])
    np.testing.assert_array_equal(first["prediction"], again.predict([cells[k] for k in test]))


def test_effect_of_an_edge_is_what_its_loss_changes(model):
    told = model.edge_effects(_RUTILE)
    one = graph(_RUTILE)
    fewer = one.without([5])
    assert len(fewer.distances) == len(one.distances) - 1
    lost = model.predict([one])[0] - model.predict([fewer])[0]
    assert told["effect"][5] == pytest.approx(lost, abs=1e-6 * model.predict([one])[0])
    assert told["effect"].abs().max() > 1e-3
