"""Judging a diagnosis: a cause named for each of several things that were handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matlearn._exercises.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping


def causes(
    answer: Any, right: Mapping[str, str], signs: Mapping[str, str], *, solved: str
) -> Verdict:
    """Judge a cause for each letter; of a wrong one say what would be seen if it were so.

    Parameters
    ----------
    answer
        What the learner gives: a dictionary from letter to cause.
    right
        The cause of each letter.
    signs
        For each cause that can be named what would be seen, in words that go on with "if it were".
    solved
        What to say when all hold.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> signs = {"nothing": "the sum would be zero", "noise": "the sum would change from run to run"}
    >>> causes({"A": "noise"}, {"A": "nothing"}, signs, solved="both.")
    Not yet: 0 of 1 hold. Look at A again: if it were "noise", the sum would change from run to run.
    >>> causes("noise", {"A": "nothing"}, signs, solved="both.").message
    'a dictionary is wanted, a cause for each letter: `{"A": "nothing", ...}`.'
    """
    letters = tuple(right)
    if not isinstance(answer, dict):
        like = f'`{{"{letters[0]}": "{next(iter(signs))}", ...}}`'
        return Verdict(False, f"a dictionary is wanted, a cause for each letter: {like}.")
    given = {str(letter).strip().upper(): str(cause).strip() for letter, cause in answer.items()}
    missing = [letter for letter in letters if letter not in given]
    if missing:
        return Verdict(False, f"no cause is given for {', '.join(missing)}.")
    unknown = [each for each in letters if given[each] not in signs]
    if unknown:
        listed = ", ".join(f'"{cause}"' for cause in signs)
        return Verdict(
            False, f"{unknown[0]}: {given[unknown[0]]!r} is none of the causes, which are {listed}."
        )
    wrong = [letter for letter in letters if given[letter] != right[letter]]
    if not wrong:
        return Verdict(True, solved)
    first = wrong[0]
    return Verdict(
        False,
        f"{len(letters) - len(wrong)} of {len(letters)} hold. Look at {first} again: if it were "
        f'"{given[first]}", {signs[given[first]]}.',
    )
