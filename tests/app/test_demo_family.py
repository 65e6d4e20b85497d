"""The interactive part of the lesson on the family of normalizations."""

from streamlit.testing.v1 import AppTest

from normviz.catalog import NORMS
from normviz.lessons.family_cube import CHANNELS, EXAMPLES, GROUPS


def demo() -> AppTest:
    def page():
        from normviz.ui.lessons import demo_family

        demo_family.draw()

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    return app


def differences(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric]


def sizes(app: AppTest) -> list[int]:
    return [
        int(each.value.split()[0].strip("*")) for each in app.markdown if " values**" in each.value
    ]


def test_the_identities_hold_for_all_numbers_that_are_drawn():
    app = demo()
    before = differences(app)
    app.button(key="family.redraw").click().run()
    assert not app.exception
    assert differences(app)[2] != before[2]
    assert all(float(value) < 1e-12 for value in (*before[:2], *differences(app)[:2]))


def test_the_groups_change_the_set_of_group_alone():
    app = demo()
    sets = []
    for groups in GROUPS:
        app.select_slider(key="family.groups").set_value(groups).run()
        assert not app.exception
        sets.append(sizes(app))
    assert [found[:3] for found in sets] == [[16, 24, 4]] * len(GROUPS)
    assert [found[3] for found in sets] == [24 // groups for groups in GROUPS]


def test_any_value_can_be_chosen_and_one_cube_shown_alone():
    app = demo()
    for n, c in ((1, 1), (EXAMPLES, CHANNELS), (2, 3)):
        app.slider(key="family.n").set_value(n).run()
        app.slider(key="family.c").set_value(c).run()
        assert not app.exception
        assert any(f"example {n}, channel {c}, all positions" in m.value for m in app.markdown)
    (shown,) = [each for each in app.button_group if each.key == "family.shown"]
    shown.set_value("group").run()
    assert not app.exception
    assert len(sizes(app)) == 1


def test_every_normalization_has_a_card_with_the_formula_of_the_catalog():
    app = demo()
    formulas = [each.value for each in app.latex]
    for name, norm in NORMS.items():
        assert any(norm.formula in formula for formula in formulas) or name == "none"
