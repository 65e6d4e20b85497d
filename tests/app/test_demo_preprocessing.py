"""The interactive part of the lesson on preprocessing, with every button pressed."""

from streamlit.testing.v1 import AppTest


def demo() -> AppTest:
    def page():
        from normviz.ui.lessons import demo_preprocessing

        demo_preprocessing.draw()

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    return app


def metrics(app: AppTest) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for metric in app.metric:
        found.setdefault(metric.label, []).append(metric.value)
    return found


def press(app: AppTest, key: str, value: object) -> AppTest:
    (button,) = [each for each in app.button_group if each.key == f"preprocessing.{key}"]
    button.set_value(value).run()
    assert not app.exception
    return app


def test_raw_points_are_missed_by_most_lines_and_centred_ones_by_none():
    app = demo()
    share = int(metrics(app)["useful of 4,000 random lines"][0].strip("%"))
    assert 0 < share < 20
    for way in ("centred", "zscore", "pca", "zca"):
        assert metrics(press(app, "way", way))["useful of 4,000 random lines"] == ["100%"]


def test_every_way_down_is_shorter_than_the_raw_one():
    app = press(demo(), "before", "raw")
    for way in ("centred", "zscore", "pca", "zca"):
        raw, after = metrics(press(app, "after", way))["updates to the goal"]
        assert int(after.replace(",", "")) < int(raw.replace(",", "")) / 5


def test_beyond_the_largest_stable_step_the_goal_is_never_reached():
    app = demo()
    app.toggle(key="preprocessing.best").set_value(False).run()
    app.slider(key="preprocessing.eta").set_value(1.05).run()
    assert not app.exception
    assert metrics(app)["updates to the goal"] == ["never", "never"]


def test_brighter_images_are_cut_by_fewer_planes():
    app = demo()
    said = []
    for mean in (0.3, 0.8):
        app.slider(key="preprocessing.mean").set_value(mean).run()
        assert not app.exception
        (words,) = [each.value for each in app.markdown if "2^{-d}" in each.value]
        said.append(int(words.split("of $2^{-d}$")[1].split("**")[1].strip("%")))
    assert said[0] > said[1]
