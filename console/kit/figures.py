"""Where the shapes of figures go: widths, funnel columns, falling bars. Plain data in and out."""

from collections.abc import Mapping, Sequence
from typing import Any

FUNNEL_HEIGHT = 82


def get(item: object, name: str, default: Any = "") -> Any:
    """A value of a dict or an object: the parts take both."""
    return item.get(name, default) if isinstance(item, Mapping) else getattr(item, name, default)


def percent_of(value: float | None, total: float | None) -> str:
    """Width in percent with a dot as decimal sign, for data-wm-width."""
    if not value or not total:
        return "0"
    return f"{min(100.0, max(0.0, 100 * float(value) / float(total))):.3f}".rstrip("0").rstrip(".")


def funnel_columns(stages: Sequence[Any]) -> dict[str, Any]:
    """Columns scaled to the first stage; a curve falls from each to the next."""
    steps = [stage for stage in stages if not get(stage, "is_apart", False)]
    top = max([get(stage, "value", 0) for stage in stages] or [0]) or 1
    drawn = []
    for at, stage in enumerate(steps):
        y = FUNNEL_HEIGHT - max(3.0, (FUNNEL_HEIGHT - 2) * get(stage, "value", 0) / top)
        following = steps[at + 1] if at + 1 < len(steps) else None
        y_next = FUNNEL_HEIGHT - max(3.0, (FUNNEL_HEIGHT - 2) * get(following, "value", 0) / top) if following else None
        drawn.append(
            {
                "stage": stage,
                "y": round(y, 1),
                "height": round(FUNNEL_HEIGHT - y, 1),
                "y_next": y_next and round(y_next, 1),
            }
        )
    return {"drawn": drawn, "apart": [stage for stage in stages if get(stage, "is_apart", False)], "top": top}


def waterfall_rows(rows: Sequence[Any]) -> dict[str, Any]:
    """Rows fall from the first total: each 'minus' starts where the row above ended."""
    top = max([get(row, "value", 0) for row in rows] or [0]) or 1
    left, drawn = float(top), []
    for row in rows:
        value = get(row, "value", 0)
        is_total = get(row, "kind") == "total"
        left = float(value) if is_total else left - value
        drawn.append(
            {"row": row, "is_total": is_total, "offset": "0" if is_total else percent_of(left, top), "top": top}
        )
    return {"rows": drawn}
