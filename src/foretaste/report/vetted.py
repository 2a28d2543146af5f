"""What was found of a judge, as a table: each figure beside what length alone would show."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from foretaste.report.visible import one_line
from foretaste.report.wording import some, tally
from foretaste.stats.discrimination import Auc, Share
from foretaste.vetted import Liking, Vetted

_NONE = "not enough evidence"


def vetted_table(found: Vetted) -> RenderableType:
    """One behavior's figures."""
    table = Table(box=None, pad_edge=False, title=Text(one_line(found.behavior), "bold"))
    for name in ("", "the judge", "by length alone"):
        table.add_column(name, overflow="fold")
    of = f"{found.repeats} alike" if found.repeats > 1 else "asked once"
    for name, pair in (
        (f"verdicts that change when repeated ({of})", found.unstable),
        ("verdicts that change with the answer shown first", found.moved),
        ("sensitivity: labelled present, flagged", found.sensitivity),
        ("specificity: labelled absent, not flagged", found.specificity),
    ):
        table.add_row(name, *map(_share, pair))
    by = "probabilities" if found.by_score else "verdicts"
    areas = found.areas
    table.add_row(
        f"AUC of its {by}",
        _area(areas.judge) if areas else _NONE,
        _area(areas.length) if areas else _NONE,
    )
    for kind, liking in (("present", found.on_present), ("absent", found.on_absent)):
        for name, pair in (("its own model's", liking.own), ("others'", liking.others)):
            table.add_row(f"flags among {name}, labelled {kind}", *map(_share, pair))
        table.add_row(f"  both alike: Fisher's p, labelled {kind}", *_p_values(liking))
    way = "shortest" if found.shorter else "longest"
    return Group(
        table,
        Text(
            f"{some(found.items, 'answer')}, {found.labelled:,} with a label; not graded: "
            f"{tally(found.ungraded)}. Another order flags {found.only_turned:,} more and "
            f"{found.only_usual:,} fewer. By length: the {way} are flagged, as many as the judge "
            "flags. Intervals: 95 %, answers as independent."
        ),
    )


def _share(share: Share | None) -> str:
    if share is None:
        return _NONE
    return (
        f"{share.share:.1%} ({share.lower:.1%} to {share.upper:.1%}), {share.right:,}/{share.of:,}"
    )


def _area(area: Auc) -> str:
    return f"{area.auc:.3f} ({area.lower:.3f} to {area.upper:.3f})"


def _p_values(liking: Liking) -> list[str]:
    pair = (liking.p_value, liking.length_p_value)
    return [_NONE if each is None else f"{each:.3f}" for each in pair]
