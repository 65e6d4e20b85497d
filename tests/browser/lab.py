"""The Lab as a person uses it, for the browser tests."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page

HOST = "[data-status]"


class Lab:
    """One page with the live view in it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def ready(self) -> "Lab":
        """Wait until the first frame is painted and the run's state is known."""
        self.page.wait_for_selector(HOST, state="attached", timeout=30_000)
        return self.until(
            lambda now: int(now["frames"]) > 0 and now["status"] != "", "a first frame"
        )

    def now(self) -> dict[str, str]:
        """Return what the view says of itself."""
        return self.page.eval_on_selector(HOST, "host => ({...host.dataset})")

    def until(
        self, condition: Callable[[dict[str, str]], bool], what: str, seconds: float = 30
    ) -> "Lab":
        """Wait until the view says something."""
        for _ in range(int(seconds * 20)):
            if condition(self.now()):
                return self
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{what} did not come: {self.now()}")

    def status(self, wanted: str) -> "Lab":
        """Wait until the run has this status."""
        return self.until(lambda now: now["status"] == wanted, f"status {wanted}")

    def beyond(self, step: int) -> "Lab":
        """Wait until a later step is shown."""
        return self.until(lambda now: int(now["step"] or 0) > step, f"a step beyond {step}")

    def button(self, name: str) -> Locator:
        """Return a button of the transport bar."""
        return self.page.get_by_role("button", name=name, exact=True)

    def train(self) -> "Lab":
        """Press Train."""
        self.button("Train").click()
        return self

    def choose(self, group: str, option: str) -> "Lab":
        """Press one of a control's buttons in the sidebar."""
        self.page.get_by_role("radiogroup", name=group, exact=True).get_by_role(
            "radio", name=option, exact=True
        ).click()
        return self

    def drag_slider_to(self, share: float) -> "Lab":
        """Drag the time slider."""
        slider = self.page.get_by_role("slider", name="Recorded step")
        box = slider.bounding_box()
        assert box is not None
        self.page.mouse.click(
            box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2
        )
        return self
