"""Classifiers as figures: ROC, precision and recall, confusion, reliability of probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

from .scored import Scored, named, scored

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def roc(
    result: Any,
    scores: Any = None,
    *,
    threshold: float | None = None,
    thresholded: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw true positives against false positives for all thresholds, with the area below.

    Of results of several folds the curve is that of all predictions together; the area is given
    as the mean of the folds with its spread.

    Parameters
    ----------
    result : MatbenchResult, (n,) array of bool, or dict of str
        A classification; or the true classes; or several by name, ``name -> result`` or
        ``name -> (classes, scores)``.
    scores : (n,) array of float, optional
        With true classes: probabilities of True, or distances from the boundary.
    threshold : float, optional
        Where the operating point is drawn; where the classifier decides if left out.
    thresholded : bool
        Draw also what is left of the curve when classes replace the scores: two straight lines
        through the operating point. The area below is the balanced accuracy.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If there are no scores, or not both classes.

    References
    ----------
    Fawcett, Pattern Recognit. Lett. 27, 861 (2006).

    Examples
    --------
    >>> ax = roc([False, False, True, True], [0.1, 0.6, 0.4, 0.9], thresholded=True)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['area 0.750', 'threshold 0.5: area 0.500']
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    ax = new_axes(ax, size=(5.4, 5.2))
    texts = []
    for index, (name, pair) in enumerate(named(result, scores).items()):
        data = scored(*pair, threshold=threshold)
        color = PALETTE[index % len(PALETTE)]
        false, true, _ = roc_curve(data.target, data.score)
        areas = [roc_auc_score(data.target[r], data.score[r]) for r in _usable(data)]
        text = f"{name}: " if name else ""
        text += f"area {np.mean(areas):.3f}" + (f" ± {np.std(areas):.3f}" if areas[1:] else "")
        ax.plot(false, true, color=color, label=text)
        point = operating_point(data)
        ax.plot(*point, MARKERS[index % len(MARKERS)], color=color, markersize=10,
                markeredgecolor="white")  # fmt: skip
        text += f", at threshold {data.threshold:g} true positive rate {point[1]:.2f} and false "
        text += f"positive rate {point[0]:.2f}"
        if thresholded:
            area = (1 + point[1] - point[0]) / 2
            ax.plot([0, point[0], 1], [0, point[1], 1], "--", color=color, linewidth=1.5,
                    label=f"threshold {data.threshold:g}: area {area:.3f}")  # fmt: skip
            text += f", area after thresholding {area:.3f}"
        texts.append(text)
    ax.plot([0, 1], [0, 1], color="0.6", linewidth=1, zorder=0)
    ax.set(xlabel="False positive rate", ylabel="True positive rate (recall)", aspect="equal",
           xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))  # fmt: skip
    ax.legend(loc="lower right")
    describe(ax, "ROC curve: " + "; ".join(texts) + ". The diagonal is what guessing gives.")
    return ax


def precision_recall(
    result: Any, scores: Any = None, *, threshold: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw precision against recall for all thresholds, with the average precision.

    Unlike the ROC curve it depends on how frequent the class is: guessing gives its share.

    Parameters
    ----------
    result, scores, threshold, ax
        As :func:`roc`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        As :func:`roc`.

    References
    ----------
    Saito and Rehmsmeier, PLoS ONE 10, e0118432 (2015).

    Examples
    --------
    >>> ax = precision_recall([False, False, True, True], [0.1, 0.6, 0.4, 0.9])
    >>> ax.get_legend().get_texts()[0].get_text()
    'average precision 0.833'
    """
    from sklearn.metrics import average_precision_score, precision_recall_curve

    ax = new_axes(ax, size=(5.4, 5.2))
    texts = []
    for index, (name, pair) in enumerate(named(result, scores).items()):
        data = scored(*pair, threshold=threshold)
        color = PALETTE[index % len(PALETTE)]
        precision, recall, _ = precision_recall_curve(data.target, data.score)
        means = [average_precision_score(data.target[r], data.score[r]) for r in _usable(data)]
        text = (f"{name}: " if name else "") + f"average precision {np.mean(means):.3f}"
        text += f" ± {np.std(means):.3f}" if means[1:] else ""
        ax.step(recall, precision, color=color, where="post", label=text)
        said = data.said
        if said.any():
            point = (said & data.target).sum() / data.target.sum(), data.target[said].mean()
            ax.plot(*point, MARKERS[index % len(MARKERS)], color=color, markersize=10,
                    markeredgecolor="white")  # fmt: skip
            text += (
                f", at threshold {data.threshold:g} precision {point[1]:.2f}, recall {point[0]:.2f}"
            )
        share = data.target.mean()
        ax.axhline(share, color=color if index else "0.6", linewidth=1, zorder=0)
        texts.append(text + f", guessing gives {share:.2f}")
    ax.set(xlabel="Recall", ylabel="Precision", xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
    ax.legend(loc="lower left")
    describe(ax, "Precision against recall: " + "; ".join(texts) + ".")
    return ax


def confusion(
    result: Any,
    scores: Any = None,
    *,
    threshold: float | None = None,
    classes: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often each class is taken for each.

    Parameters
    ----------
    result, scores, threshold, ax
        As :func:`roc`, without the dict.
    classes : sequence of two str, optional
        What False and True stand for.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        As :func:`roc`.

    Examples
    --------
    >>> ax = confusion([False, True, True], [0.1, 0.4, 0.9], classes=("insulator", "metal"))
    >>> [text.get_text() for text in ax.texts]
    ['1\\n100 %', '0\\n0 %', '1\\n50 %', '1\\n50 %']
    """
    data = scored(result, scores, threshold=threshold, classes=classes)
    counts = confusion_counts(data)
    shares = counts / counts.sum(axis=1, keepdims=True)
    ax = new_axes(ax, size=(4.8, 4.4))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        ax.text(column, row, f"{counts[row, column]:,}\n{100 * share:.0f} %", ha="center",
                va="center", color="white" if share > 0.55 else "black", fontsize=15)  # fmt: skip
    ax.set_xticks([0, 1], data.classes)
    ax.set_yticks([0, 1], data.classes, rotation=90, va="center")
    ax.set(xlabel=f"Predicted (threshold {data.threshold:g})", ylabel="True")
    ax.grid(False)
    no, yes = data.classes
    describe(
        ax, f"Confusion matrix of {counts.sum()} samples at threshold {data.threshold:g}: of "
        f"{counts[0].sum()} {no} {counts[0, 1]} are taken for {yes}, of {counts[1].sum()} {yes} "
        f"{counts[1, 0]} are taken for {no}."
    )  # fmt: skip
    return ax


def reliability(
    result: Any, scores: Any = None, *, bins: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how often the class occurs where a probability is predicted, against that probability.

    Bins hold equally many samples; bars are the standard error of a share in each. On the
    diagonal a prediction of 80 % comes true in 80 of 100 cases.

    Parameters
    ----------
    result, scores, ax
        As :func:`roc`; the scores must be probabilities.
    bins : int, optional
        Number of bins; by default one for each 20 samples, at least 2 and at most 10.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        As :func:`roc`; also if the scores are no probabilities, or there are fewer than 5 samples
        a bin.

    References
    ----------
    Niculescu-Mizil and Caruana, Proc. ICML 2005, 625.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.linspace(0, 1, 100)
    >>> ax = reliability(np.arange(100) % 2 == 0, p, bins=4)
    >>> ax.get_legend().get_texts()[0].get_text()
    'Brier score 0.340'
    """
    ax = new_axes(ax, size=(5.4, 5.2))
    ax.plot([0, 1], [0, 1], color="0.6", linewidth=1, zorder=0)
    texts = []
    for index, (name, pair) in enumerate(named(result, scores).items()):
        data = scored(*pair)
        if not data.probability:
            raise ValueError("scores must be probabilities, from 0 to 1, got others")
        number = min(10, max(2, len(data.target) // 20)) if bins is None else bins
        if not 1 < number <= len(data.target) / 5:
            raise ValueError(
                f"bins must be from 2 to a fifth of the {len(data.target)} samples, got {number}"
            )
        parts = np.array_split(np.argsort(data.score, kind="stable"), number)
        said = np.array([data.score[part].mean() for part in parts])
        true = np.array([data.target[part].mean() for part in parts])
        count = np.array([len(part) for part in parts])
        brier = float(np.mean((data.score - data.target) ** 2))
        text = (f"{name}: " if name else "") + f"Brier score {brier:.3f}"
        ax.errorbar(said, true, np.sqrt(true * (1 - true) / count), capsize=3,
                    marker=MARKERS[index % len(MARKERS)], color=PALETTE[index % len(PALETTE)],
                    label=text)  # fmt: skip
        far = float(np.average(np.abs(said - true), weights=count))
        texts.append(f"{text}, {number} bins on average {far:.3f} off the diagonal")
    ax.set(xlabel="Predicted probability", ylabel="Share that is true", aspect="equal",
           xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))  # fmt: skip
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=11)  # curves fill the square
    describe(ax, "Share of True against predicted probability: " + "; ".join(texts) + ".")
    return ax


def operating_point(data: Scored) -> tuple[float, float]:
    """Give false and true positive rate at the threshold."""
    counts = confusion_counts(data)
    false, true = counts[:, 1] / counts.sum(axis=1)
    return float(false), float(true)


def confusion_counts(data: Scored) -> np.ndarray:
    """Count true classes (rows) against those said (columns), False first."""
    pairs = [(data.target == row) & (data.said == column) for row in (0, 1) for column in (0, 1)]
    return np.array([pair.sum() for pair in pairs]).reshape(2, 2)


def _usable(data: Scored) -> list[np.ndarray]:
    """The folds in which both classes occur; all samples where there are none."""
    both = [rows for rows in data.folds if 0 < data.target[rows].sum() < len(rows)]
    return both or [np.arange(len(data.target))]
