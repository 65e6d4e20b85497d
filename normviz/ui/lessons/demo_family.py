"""Cubes of values with the set that shares a mean, the identities among them, and a card for every normalization."""

import streamlit as st

from normviz.catalog import NORMS
from normviz.charts.lessons.family import cube
from normviz.language import N_, _
from normviz.lessons import family_cube as values
from normviz.lessons.family_cards import FACTS
from normviz.lessons.family_cube import CHANNELS, EXAMPLES, GROUPS, KINDS, Values
from normviz.ui.lessons import plot

_ALL = N_("all four")
_ACROSS = 3


def draw() -> None:
    """Draw the cubes and the cards."""
    cubes, cards = st.tabs([_("What shares a mean"), _("All of them")])
    with cubes:
        _cubes()
    with cards:
        _cards()


def _cubes() -> None:
    shown = st.segmented_control(
        _("Show"),
        [_ALL, *KINDS],
        default=_ALL,
        format_func=lambda name: _(KINDS[name].title if name in KINDS else name),
        key="family.shown",
    )
    n, c, groups = _chosen()
    x = values.drawn(st.session_state.setdefault("family.seed", 0))
    names = list(KINDS) if shown in (None, _ALL) else [shown]
    for start in range(0, len(names), 2):
        row = names[start : start + 2]
        for column, name in zip(st.columns(len(row)), row, strict=True):
            with column:
                _cube(name, x, (n, c, groups))
    _identities(x, groups)


def _chosen() -> tuple[int, int, int]:
    """Draw the controls; return example and channel, counted from 0, and the number of groups."""
    example, channel, group = st.columns(3)
    n = example.slider(_("Example n"), 1, EXAMPLES, EXAMPLES, key="family.n")
    c = channel.slider(_("Channel c"), 1, CHANNELS, CHANNELS, key="family.c")
    groups = group.select_slider(_("Groups G of Group"), GROUPS, value=2, key="family.groups")
    return n - 1, c - 1, groups


def _cube(name: str, x: Values, chosen: tuple[int, int, int]) -> None:
    kind = KINDS[name]
    together = x[kind.together(*chosen)]
    plot.draw(
        cube(kind, x, *chosen),
        f"family.cube.{name}",
        width="stretch",
        config={"displayModeBar": False},
    )
    st.markdown(
        _(
            "**{size} values**: {words}. Mean {mean:.2f}, standard deviation "
            "{std:.2f}; {sets} such sets."
        ).format(
            size=together.size,
            words=kind.words(*chosen),
            mean=together.mean(),
            std=together.std(),
            sets=x.size // together.size,
        )
    )


def _identities(x: Values, groups: int) -> None:
    """Show that Group is Layer or Instance at the ends of its range, with the numbers that are in the cubes."""
    st.markdown(_("##### Group Normalization has Layer and Instance at its ends"))
    one, many = values.group(x, 1), values.group(x, CHANNELS)
    now = values.group(x, groups)
    columns = st.columns(3)
    columns[0].metric(_("|GN(1) − LN|, largest of all values"), _small(one, values.layer(x)))
    columns[1].metric(_("|GN(C) − IN|, largest of all values"), _small(many, values.instance(x)))
    columns[2].metric(
        _("|GN({groups}) − LN| and |GN({groups}) − IN|").format(groups=groups),
        f"{_small(now, values.layer(x))}, {_small(now, values.instance(x))}",
    )
    st.button(_("Other numbers"), key="family.redraw", on_click=_redraw)
    st.caption(
        _(
            "Computed from the {size} numbers in the cubes, in float64: Group cuts each example into G rows of numbers "
            "and normalizes these, the others take mean and variance over axes of the array. "
            "C = {channels}, ε = {eps:g}."
        ).format(size=x.size, channels=CHANNELS, eps=values.EPS)
    )


def _redraw() -> None:
    st.session_state["family.seed"] += 1


def _small(one: Values, other: Values) -> str:
    return f"{values.difference(one, other):.2g}"


def _cards() -> None:
    """Draw a card for every normalization of the catalog."""
    names = [name for name in NORMS if name != "none"]
    for start in range(0, len(names), _ACROSS):
        for column, name in zip(st.columns(_ACROSS), names[start : start + _ACROSS], strict=False):
            with column.container(border=True, height="stretch"):
                _card(name)


def _card(name: str) -> None:
    norm = NORMS[name]
    st.markdown(f"##### {_(norm.label)}")
    st.latex(norm.formula)
    st.markdown(_(norm.about))
    if facts := FACTS.get(name):
        st.markdown(
            _(
                "**Over** {over}\n\n**Cost** {cost}\n\n**After training** {after}\n\n"
                "[{text}]({where})"
            ).format(
                over=_(facts.over),
                cost=_(facts.cost),
                after=_(facts.after),
                text=facts.paper.text,
                where=facts.paper.where,
            )
        )
