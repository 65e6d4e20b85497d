"""Data with two inputs: the decision surface, and a visitor's own data, as a person uses them."""

from tests.browser.lab import Lab

PLANE = "dataset=circle&depth=2&width=8&activation=tanh&optimizer=adam&lr=0.03&"
CSV = "weight,length,kind\n" + "".join(
    f"{i % 7},{i % 5},cat\n{i % 7 + 9},{i % 5 + 9},<b>dog</b>\n" for i in range(20)
)


def colours(lab: Lab, panel: int = 0) -> int:
    """How many different colours there are in a panel of the surface."""
    return (
        lab.page.locator(".surface canvas.front")
        .nth(panel)
        .evaluate(
            """canvas => new Set(new Uint32Array(
            canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
        )
    )


def test_the_surface_moves_and_gives_way_to_the_histograms(open_lab):
    lab = open_lab(PLANE + "b.norm=batch&seed=61")
    surface, ridge = lab.page.locator(".surface"), lab.page.locator(".ridge")
    assert surface.locator(".panel").count() == 2 and not ridge.is_visible()
    assert "● 0" in surface.inner_text() and "■ 1" in surface.inner_text()
    lab.train().beyond(100)
    assert min(colours(lab, 0), colours(lab, 1)) > 100
    box = surface.locator("canvas.front").first.bounding_box()
    lab.page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.45)
    lab.page.get_by_text("its probability").wait_for()
    surface.get_by_label("Shown quantity").select_option("act")
    assert ridge.is_visible() and not surface.is_visible()
    ridge.get_by_label("Shown quantity").select_option("surface")
    assert surface.is_visible()


def test_other_data_have_none(open_lab):
    lab = open_lab("dataset=digits&depth=2&width=8&seed=62")
    assert not lab.page.locator(".surface").is_visible()
    options = lab.page.locator(".ridge").get_by_label("Shown quantity").inner_text()
    assert "surface" not in options


def test_a_phone_has_both_below_each_other(open_lab):
    lab = open_lab(PLANE + "seed=63", size=(390, 844))
    assert lab.page.locator(".surface").is_visible() and lab.page.locator(".ridge").is_visible()
    box = lab.page.locator(".surface .panel").bounding_box()
    assert 250 < box["width"] <= 390 and abs(box["height"] - box["width"]) < 40


def test_own_data_are_uploaded_trained_on_and_shared_by_their_link(open_lab):
    lab = open_lab("dataset=digits&depth=2&width=8&preprocessing=zscore&batch_size=10&seed=64")
    first = lab.now()["run"]
    lab.page.get_by_text("Your own data (CSV)").click()
    choose = lab.page.locator("input[type=file]").first
    choose.set_input_files(
        {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"x,k\n1,a\n=1+1,b\n"}
    )
    lab.page.get_by_text("row 3, column 'x': '=1+1' is not a number").wait_for()
    assert lab.now()["run"] == first
    choose.set_input_files({"name": "pets.csv", "mimeType": "text/csv", "buffer": CSV.encode()})
    lab.until(lambda now: now["run"] not in ("", first), "a run on own data")
    lab.page.get_by_text("40 rows, 2 columns, 2 classes.").wait_for()
    lab.train().beyond(50)
    words = lab.page.locator(".surface").inner_text()
    assert "● <b>dog</b>" in words and "■ cat" in words
    assert "dataset=own" in lab.page.url and "own=" in lab.page.url
    other = open_lab(lab.page.url.partition("?")[2])
    assert other.now()["run"] == lab.now()["run"]


def test_points_are_drawn_on_the_surface_and_trained_on(open_lab):
    lab = open_lab(PLANE + "batch_size=5&seed=66")
    first, surface = lab.now()["run"], lab.page.locator(".surface")
    surface.get_by_role("button", name="Draw").click()
    use = surface.get_by_role("button", name="Train on these")
    assert use.is_disabled()
    box = surface.locator("canvas.front").bounding_box()
    for label, height in (("0", 0.3), ("1", 0.7)):
        surface.locator(".drawing").get_by_role("button", name=f"{label}: 0").click()
        y = box["y"] + height * box["height"]
        lab.page.mouse.move(box["x"] + 0.3 * box["width"], y)
        lab.page.mouse.down()
        lab.page.mouse.move(box["x"] + 0.8 * box["width"], y, steps=12)
        lab.page.mouse.up()
    use.click()
    lab.until(lambda now: now["run"] not in ("", first), "a run on the drawn points").beyond(50)
    assert "dataset=own" in lab.page.url
    lab.page.get_by_text("2 columns, 2 classes.").wait_for()
    assert colours(lab) > 50


def test_a_link_to_data_that_are_not_here_says_so(open_lab, server):
    lab = open_lab("dataset=digits&depth=2&width=8&seed=65")
    lab.page.goto(f"{server.url}/?dataset=own&own=0123456789abcdef")
    card = lab.page.get_by_role("alert").filter(has_text="No data")
    card.get_by_text("A link does not hold them").wait_for()
    lab.page.get_by_text("Upload the same file").wait_for()
