"""The language that is spoken: chosen, closest, and each context's own."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from types import SimpleNamespace

import pytest
import streamlit as st

from normviz.config import describe, limits
from normviz.language import LANGUAGES, N_, _, chosen, closest, language, ngettext, speak, speaking
from normviz.language.catalog import FOLDER
from normviz.ui import languages


@pytest.fixture(autouse=True)
def english():
    with speaking("en"):
        yield


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ([], "en"),
        (["zh"], "zh_CN"),
        (["zh-CN"], "zh_CN"),
        (["zh-SG"], "zh_CN"),
        (["zh-Hans-HK"], "zh_TW"),
        (["zh-TW"], "zh_TW"),
        (["zh_tw"], "zh_TW"),
        (["zh-HK"], "zh_TW"),
        (["zh-Hant"], "zh_TW"),
        (["fr-FR", "zh-TW", "en"], "zh_TW"),
        (["en-GB", "zh-CN"], "en"),
        (["fr", "de-CH"], "en"),
        (["", "-", "zhx"], "en"),
    ],
)
def test_the_first_wish_that_can_be_met(wanted: list[str], name: str):
    assert closest(wanted) == name


@pytest.mark.parametrize("name", ["zh-TW", "ZH_TW", "fr", "", "../zh_CN"])
def test_what_is_no_language_of_ours_is_not_chosen_and_spoken_as_english(name: str):
    assert chosen(name) == ""
    speak(name)
    assert language() == "en"


def test_every_language_is_chosen_by_its_name_and_has_catalogues():
    for name in LANGUAGES:
        assert chosen(name) == name
        assert name == "en" or sorted(path.name for path in (FOLDER / name).glob("*.mo"))


def test_a_language_is_spoken_for_a_while():
    with speaking("zh_TW"):
        assert language() == "zh_TW"
        with speaking("zh_CN"):
            assert language() == "zh_CN"
        assert language() == "zh_TW"
    assert language() == "en"


def test_each_thread_speaks_its_own_language():
    """A new thread begins with English, as Streamlit's do for every run of a script."""

    def said(name: str) -> tuple[str, str]:
        before = language()
        speak(name)
        return before, language()

    speak("zh_CN")
    with ThreadPoolExecutor(1) as one:
        assert one.submit(said, "zh_TW").result() == ("en", "zh_TW")
    assert language() == "zh_CN"
    assert copy_context().run(said, "zh_TW") == ("zh_CN", "zh_TW")
    assert language() == "zh_CN"


def test_a_text_that_is_not_translated_is_english():
    unknown = "A text that no catalogue has: {n}"
    for name in LANGUAGES:
        with speaking(name):
            assert _(unknown) == unknown and _("") == "" and N_(unknown) == unknown
            assert ngettext("one {n}", "some {n}", 1) == "one {n}"
            assert ngettext("one {n}", "some {n}", 2) == "some {n}"


def test_settings_are_described_in_the_language_that_is_spoken(monkeypatch: pytest.MonkeyPatch):
    known = {
        "Depth": "深度",
        "{field}: {value}": "{field}：{value}",
        "a whole number from {low} to {high}": "{low} 到 {high}",
    }
    texts = SimpleNamespace(gettext=lambda message: known.get(message, message))
    assert describe("depth", 3) == "Depth: 3" and limits("depth") == "a whole number from 1 to 100"
    monkeypatch.setattr("normviz.language.catalog._texts", lambda name: texts)
    assert describe("depth", 3) == "深度：3" and limits("depth") == "1 到 100"


class Browser:
    """What the browser says of itself."""

    def __init__(self, locale: str | None, header: str = "") -> None:
        self.locale, self.headers = locale, {"Accept-Language": header} if header else {}


@pytest.mark.parametrize(
    ("link", "session", "browser", "name"),
    [
        ("zh_TW", "zh_CN", Browser("en-US"), "zh_TW"),
        ("", "zh_CN", Browser("zh-TW"), "zh_CN"),
        ("", "", Browser("zh-TW", "zh-CN"), "zh_TW"),
        ("", "", Browser(None, "zh-HK,zh;q=0.9,en;q=0.5"), "zh_TW"),
        ("", "", Browser("de-DE", "de, zh-CN;q=0.2"), "zh_CN"),
        ("", "", Browser(None), "en"),
        ("zh-TW", "zh_CN", Browser("zh-CN"), "en"),
    ],
)
def test_the_link_then_the_session_then_the_browser_then_english(
    link: str, session: str, browser: Browser, name: str, monkeypatch: pytest.MonkeyPatch
):
    state = {languages.CHOSEN: session} if session else {}
    query = {languages.PARAMETER: link} if link else {}
    fake = SimpleNamespace(session_state=state, query_params=query, context=browser)
    monkeypatch.setattr(languages, "st", fake)
    languages.start()
    assert language() == state[languages.SPOKEN] == name
    assert query.get(languages.PARAMETER, "") == (link or session)
    assert languages.locale() == name.replace("_", "-")
    speak("en")
    assert languages.spoken(language)() == name, "a callback speaks the session's language"


def test_a_callback_without_a_session_is_english():
    assert st.session_state.get(languages.SPOKEN) is None
    assert languages.spoken(language)() == "en"
