import numpy as np
import pytest

from foretaste.errors import InsufficientData, PlanError, UnknownName
from foretaste.findings import TargetShare
from foretaste.records import Prefix
from foretaste.stages.shift import Shifted, shift_to_sample, shift_to_shares
from unit.rows import prefix, user

WORDS = ["ticket", "refund", "order", "invoice", "train", "hotel", "weather", "recipe", "poem"]


def kinds(counts: dict[str, int], *, log: str = "", seed: int = 0) -> list[Prefix]:
    """Prefixes of each kind; what is asked goes with the kind."""
    rng = np.random.default_rng(seed)
    return [
        prefix(
            f"{log}{kind}{number}",
            messages=(user(" ".join(rng.choice(WORDS[(kind == "web") * 4 :], 6))),),
            tags={"surface": kind, "language": "en"},
        )
        for kind, count in counts.items()
        for number in range(count)
    ]


def by_surface(counts: dict[str, int], shares: dict[str, float]) -> Shifted:
    return shift_to_shares(kinds(counts), by=("surface",), shares=shares)


def newer(old: list[Prefix], new: list[Prefix], seed: int = 0) -> Shifted:
    return shift_to_sample(
        old,
        new,
        name="newer.jsonl",
        fingerprint="f",
        lost={"no consent": 2},
        rng=np.random.default_rng(seed),
    )


def test_each_stratum_gets_its_share() -> None:
    weight, found = by_surface({"web": 80, "app": 20}, {"web": 0.3, "app": 0.7})

    assert weight[:80].sum() / weight.sum() == pytest.approx(0.3)
    assert found.effective_n == pytest.approx(100 / (0.3**2 / 0.8 + 0.7**2 / 0.2))
    assert (found.drawn_n, found.turns, found.left_out) == (100, 100, 0)
    assert found.strata == (
        TargetShare(stratum="web", sampled=0.8, target=0.3),
        TargetShare(stratum="app", sampled=0.2, target=0.7),
    )
    assert found.warnings == (
        "The weights leave 39 of 100 effective turns: a few turns speak for many.",
    )


def test_what_the_sample_was_drawn_with_is_taken_into_account() -> None:
    drawn = [
        prefix(f"{kind}{number}", probability=chance, tags={"surface": kind})
        for kind, chance in (("web", 0.1), ("app", 1.0))
        for number in range(50)
    ]
    weight, found = shift_to_shares(drawn, by=("surface",), shares={"web": 0.5, "app": 0.5})
    whole = weight / np.array([each.probability for each in drawn])

    assert whole[:50].sum() == pytest.approx(whole[50:].sum())
    assert found.strata[0].sampled == pytest.approx(10 / 11)


def test_several_tags_name_a_stratum_together() -> None:
    weight, _ = shift_to_shares(
        kinds({"web": 60, "app": 40}),
        by=("language", "surface"),
        shares={"en / web": 0.5, "en / app": 0.5},
    )

    assert weight[:60].sum() / weight.sum() == pytest.approx(0.5)


def test_turns_without_a_share_do_not_count_and_that_is_said() -> None:
    weight, found = by_surface({"web": 50, "app": 40, "test": 10}, {"web": 0.5, "app": 0.5})

    assert weight[-10:].tolist() == [0.0] * 10
    assert (found.turns, found.left_out) == (90, 10)
    assert any("10 of 100 sampled turns have no share" in each for each in found.warnings)


def test_a_share_of_what_was_not_sampled_is_uncovered_and_warned_of() -> None:
    _, found = by_surface({"web": 60, "app": 40}, {"web": 0.5, "app": 0.3, "voice": 0.2})

    assert found.uncovered == pytest.approx(0.2)
    assert found.warnings[0] == (
        "About 20 % of the traffic that is forecast is unlike all that was sampled, such as voice "
        "(20 %); the forecasts are for the rest of it."
    )


def test_small_strata_are_merged_and_named() -> None:
    _, found = by_surface({"web": 90, "app": 30, "mail": 5}, {"web": 0.4, "app": 0.5, "mail": 0.1})

    assert found.merged == ("app", "mail")
    assert any("app, mail" in each for each in found.warnings)


def test_a_tag_that_no_prefix_has_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'surface'"):
        shift_to_shares(kinds({"web": 30}), by=("surfaces",), shares={"web": 1.0})


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"webb": 0.5, "app": 0.5}, "no sampled turn has 'webb', while turns with web"),
        ({"webb": 1.0}, "no sampled turn has one of these values of surface"),
        ({"web": 0.0, "webb": 1.0}, "those that were sampled: app, web"),
    ],
)
def test_a_share_that_looks_misspelt_is_refused(shares: dict[str, float], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        by_surface({"web": 60, "app": 40}, shares)


def test_a_share_of_nothing_that_is_meant_needs_zeros_for_the_rest() -> None:
    _, found = by_surface({"web": 60, "app": 40}, {"web": 0.9, "app": 0, "voice": 0.1})

    assert found.uncovered == pytest.approx(0.1)
    assert found.left_out == 40


def test_newer_traffic_is_weighted_to_without_being_told_its_shares() -> None:
    weight, found = newer(kinds({"web": 400, "app": 100}), kinds({"web": 150, "app": 350}, seed=1))

    assert weight[:400].sum() / weight.sum() == pytest.approx(0.3, abs=0.05)
    assert found.auc is not None
    assert found.auc_by_luck is not None
    assert found.auc > 0.5 + 3 * found.auc_by_luck
    assert found.effective_n < 0.7 * found.drawn_n
    assert (found.newer, found.lost, found.uncovered < 0.03) == (500, {"no consent": 2}, True)


def test_weights_learned_from_luck_are_not_used() -> None:
    weight, found = newer(kinds({"web": 100, "app": 100}), kinds({"web": 100, "app": 100}, seed=1))

    assert set(weight.tolist()) == {1.0}
    assert found.effective_n == found.drawn_n
    assert found.warnings == ()


def test_a_kind_of_traffic_that_is_new_is_warned_of() -> None:
    _, found = newer(
        kinds({"web": 200, "app": 200}), kinds({"web": 170, "app": 170, "voice": 60}, seed=1)
    )

    assert found.uncovered >= 0.15
    assert "such as surface voice (15 %)" in found.warnings[0]


def test_a_tag_that_only_says_which_log_it_is_does_not_pass_for_a_shift() -> None:
    old = [prefix(f"o{n}", tags={"month": "10"}, messages=(user("a bug"),)) for n in range(60)]
    new = [prefix(f"n{n}", tags={"month": "11"}, messages=(user("a bug"),)) for n in range(60)]
    weight, found = newer(old, new)

    assert set(weight.tolist()) == {1.0}
    assert found.uncovered == 0.0
    assert "no value in common of month" in found.warnings[0]


def test_too_little_newer_traffic_is_insufficient_data() -> None:
    with pytest.raises(InsufficientData):
        newer(kinds({"web": 50}), kinds({"web": 3}))
