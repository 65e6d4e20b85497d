"""Signing in, at a provider and through a proxy: the pages ask, and our own routes are closed until then."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.conftest import listen
from tests.browser.lab import Lab
from tests.browser.provider import Provider, providing
from tests.browser.serving import Server, free_port, serving

ADA = "ada@uni.example"
LINK = "dataset=digits&depth=2&width=16&steps=2000&device=cpu&seed=71"


def status(url: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def socket_opens(server: Server, **headers: str) -> bool:
    try:
        with connect(
            server.url.replace("http", "ws") + "/nv/live", additional_headers=headers, proxy=None
        ):
            return True
    except InvalidStatus:
        return False


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing(email=ADA, email_verified=True) as running:
        yield running


@pytest.fixture(scope="module")
def behind(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with a sign-in at the provider; Ada is an operator."""
    folder, port = tmp_path_factory.mktemp("oidc"), free_port()
    secrets = provider.secrets(folder, f"http://localhost:{port}")
    with serving(
        folder / "log",
        port,
        STREAMLIT_SECRETS_FILES=str(secrets),
        NORMVIZ_SIGN_IN="oidc",
        NORMVIZ_OPERATORS=ADA,
        NORMVIZ_WORKERS="1",
        NO_PROXY="localhost",
        no_proxy="localhost",
    ) as running:
        yield running
    assert "Traceback" not in running.log.read_text(), running.log.read_text()[-3000:]


@pytest.fixture
def page(chromium: Browser, contexts: list[BrowserContext]) -> Iterator[Page]:
    errors: list[str] = []
    contexts.append(chromium.new_context(viewport={"width": 1280, "height": 720}))
    page = contexts[-1].new_page()
    listen(page, errors)
    yield page
    assert errors == []


def signed_cookies(page: Page) -> str:
    return "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())  # pyright: ignore[reportTypedDictNotRequiredAccess]


def test_a_visitor_signs_in_trains_and_signs_out(page: Page, behind: Server):
    page.goto(behind.url)
    button = page.get_by_role("button", name="Sign in")
    button.wait_for()
    assert page.locator("[data-status]").count() == 0
    assert not socket_opens(behind, Cookie=signed_cookies(page))

    button.click()
    Lab(page).ready()
    page.goto(f"{behind.url}/?{LINK}")
    lab = Lab(page).ready().train().beyond(5)
    page.get_by_text(f"Signed in: {ADA}").wait_for()
    cookie = signed_cookies(page)
    assert socket_opens(behind, Cookie=cookie, Origin=behind.url)
    table = f"{behind.url}/nv/receipt/{lab.now()['run']}/data.csv"
    assert status(table, Cookie=cookie) == 200
    assert status(table) == status(table, Cookie=cookie.replace("_streamlit_user=", "x=")) == 403

    page.get_by_role("link", name="Operator").click()
    page.get_by_text("Training processes", exact=True).wait_for()
    frames = page.get_by_test_id("stMetric").filter(has_text="Frames since the start")
    seen = frames.inner_text()
    page.wait_for_function(
        "([element, seen]) => element.innerText !== seen", arg=[frames.element_handle(), seen]
    )

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()
    assert not socket_opens(behind, Cookie=signed_cookies(page))


def test_an_address_that_the_provider_has_not_confirmed_is_no_name(
    page: Page, behind: Server, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(provider.claims, "email_verified", False)
    page.goto(behind.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("The provider told no confirmed email").wait_for()
    assert not socket_opens(behind, Cookie=signed_cookies(page))


def test_health_is_open_without_a_name(behind: Server):
    assert status(f"{behind.url}/healthz") == status(f"{behind.url}/_stcore/health") == 200


def test_the_header_of_a_proxy_is_the_name(
    chromium: Browser, contexts: list[BrowserContext], tmp_path: Path
):
    settings = {
        "NORMVIZ_SIGN_IN": "proxy",
        "NORMVIZ_PROXIES": "127.0.0.1 ::1",
        "NORMVIZ_WORKERS": "1",
        "FORWARDED_ALLOW_IPS": "",
    }
    with serving(tmp_path / "log", None, **settings) as server:
        assert status(server.url) == status(f"{server.url}/_stcore/host-config") == 403
        assert status(f"{server.url}/healthz") == 200
        assert not socket_opens(server)
        # a proxy on this machine passes a visitor on from elsewhere
        passed = {"X-Remote-User": "grace", "X-Forwarded-For": "192.0.2.9"}
        assert status(server.url, **passed) == 200 and socket_opens(server, **passed)
        contexts.append(chromium.new_context(extra_http_headers=passed))
        page = contexts[-1].new_page()
        page.goto(server.url)
        Lab(page).ready()
        page.get_by_text("Signed in: grace").wait_for()
        assert page.get_by_role("button", name="Sign out").count() == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"NORMVIZ_SIGN_IN": "oidc"}, "secrets.toml"),
        ({"NORMVIZ_SIGN_IN": "proxy", "NORMVIZ_PROXIES": "::1"}, "FORWARDED_ALLOW_IPS"),
    ],
)
def test_a_sign_in_that_is_not_complete_stops_the_start(tmp_path: Path, settings, said: str):
    empty, log = tmp_path / "secrets.toml", tmp_path / "log"
    empty.write_text("")
    settings = {"STREAMLIT_SECRETS_FILES": str(empty), **settings}
    with pytest.raises(RuntimeError, match="did not come up"), serving(log, None, **settings):
        pass
    assert said in log.read_text()
