"""The interactive parts of the lessons on BatchNorm's steps, gamma and beta, and inference, with every control used."""

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from normviz.lessons.bn_steps_graph import START, gradients
from normviz.nn.norms import autograd


def demo(name: str) -> AppTest:
    def page(name: str):
        from importlib import import_module

        import_module(f"normviz.ui.lessons.demo_{name}").draw()

    app = AppTest.from_function(page, default_timeout=90, kwargs={"name": name}).run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    (button,) = (button for button in app.button if button.label == label)
    button.click().run()
    assert not app.exception
    return app


def svg(app: AppTest) -> str:
    found = [json.loads(part.proto.json) for part in app.get("bidi_component")]
    return next(data["svg"] for data in found if "wide" in data.get("svg", ""))


def largest(app: AppTest, column: str = "largest value") -> dict[str, float]:
    """Return a column of the table of differences."""
    return {str(name): float(str(text)) for name, text in app.table[0].value[column].items()}


def test_eighteen_moves_go_forward_and_back_through_all_nodes():
    app = demo("bn_steps")
    app.slider(key="bn_steps.at").set_value(0).run()
    assert "takes the first step" in "".join(text.value for text in app.markdown)
    seen = []
    for _ in range(18):
        press(app, "Next ▶")
        seen.append((svg(app).count('<text class="gradient"'), app.slider(key="bn_steps.at").value))
    assert [at for _, at in seen] == list(range(1, 19))
    assert [count for count, _ in seen] == sorted(count for count, _ in seen)
    wanted = 2 * sum(gradient.size for gradient in gradients(START).values())
    assert seen[-1][0] == wanted
    press(app, "Next ▶")
    assert app.slider(key="bn_steps.at").value == 18
    assert app.slider(key="bn_steps.at").value == 18 and press(app, "◀ Back")


def test_the_buttons_change_the_numbers_and_start_again_takes_them_back():
    app = demo("bn_steps")
    before = largest(app)
    press(app, "∂L/∂y = 1 for all")
    assert largest(app)["∂L/∂x"] < 1e-12
    press(app, "Start again")
    assert largest(app) == before
    press(app, "x × 10")
    assert largest(app)["∂L/∂x"] == pytest.approx(0.13, rel=0.05)


def test_without_epsilon_and_with_other_axes_nothing_breaks():
    app = demo("bn_steps")
    app.number_input(key="bn_steps.eps.0").set_value(0.0).run()
    assert not app.exception
    app.toggle(key="bn_axes.done").set_value(True).run()
    app.button_group(key="bn_axes.where").set_value("after a linear layer").run()
    app.radio(key="bn_axes.channel").set_value(3).run()
    assert not app.exception


def test_autograd_in_a_process_of_its_own_agrees_with_the_page():
    app = demo("bn_steps")
    app.toggle(key="bn_steps.autograd").set_value(True).run()
    assert not app.exception and not app.warning
    assert all(each < 1e-12 for each in largest(app, "− autograd").values())


def test_autograd_takes_any_epsilon():
    lists: dict[str, Any] = {
        n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in vars(START).items()
    }
    for eps in (0.0, 1e-5, 1.0):
        lists["eps"] = eps
        found = autograd.gradients(**lists)
        wanted = gradients(type(START)(START.x, START.gamma, START.beta, eps, START.dy))
        for name, gradient in found.items():
            np.testing.assert_allclose(gradient, wanted[name], atol=1e-12)


def test_gamma_and_beta_give_the_input_back():
    app = demo("gamma_beta")
    for kind in ("ReLU", "sigmoid"):
        app.button_group(key="gamma_beta.kind").set_value(kind).run()
        assert not app.exception
    app.toggle(key="gamma_beta.restored").set_value(True).run()
    said = app.markdown[-1].value
    assert float(said.split("y and x is **")[1].split("**")[0]) < 1e-12


def test_three_estimates_for_every_size_and_momentum():
    app = demo("inference")
    app.select_slider(key="inference.batch").set_value(2).run()
    app.select_slider(key="inference.momentum").set_value(1.0).run()
    assert not app.exception and "1.00 times" in app.markdown[-1].value
