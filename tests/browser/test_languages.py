"""The language of a page in a real browser: by link, by the browser's own, by the switch."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import listen
from tests.messages import read, words

TRAIN = words("live")["button.train"]
SWITCH = ".st-key-language button"


def train(language: str) -> str:
    message = read(language, "view").get(TRAIN, "live button.train")
    assert message and message.string, "the word is translated"
    return str(message.string)


def learning_rate(language: str) -> str:
    message = read(language, "page").get("Learning rate")
    assert message and message.string, "the word is translated"
    return str(message.string)


def spoken(page: Page, language: str, locale: str) -> None:
    """Wait until page and live view speak a language."""
    word = TRAIN if language == "en" else train(language)
    expect(page.locator(".normviz").get_by_role("button", name=word, exact=True)).to_be_visible(
        timeout=30_000
    )
    assert page.evaluate("document.documentElement.lang") == locale


def named(page: Page) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get("lang", [])


def test_the_switch_changes_page_and_charts_and_the_link_carries_it(open_lab):
    lab = open_lab("lang=zh_CN&norm=batch&dataset=digits&b.lr=0.5")
    page = lab.page
    spoken(page, "zh_CN", "zh-CN")
    before = parse_qs(urlsplit(page.url).query)
    page.locator(SWITCH).first.press("Enter")
    page.get_by_role("radio", name="繁體中文").press("Space")
    spoken(page, "zh_TW", "zh-TW")
    expect(page).to_have_url(re.compile("lang=zh_TW"))
    after = parse_qs(urlsplit(page.url).query)
    assert after.pop("lang") == ["zh_TW"] and before.pop("lang") == ["zh_CN"]
    assert after == before, "every control keeps its value, though its choices are called otherwise"
    chips = page.locator("[data-testid=stMultiSelect]").first
    expect(chips).to_contain_text(learning_rate("zh_TW"))
    page.keyboard.press("Escape")
    page.locator(".st-key-navigation-head a").nth(1).click()
    expect(page).to_have_url(re.compile("/lessons.*lang=zh_TW"))
    assert page.evaluate("document.documentElement.lang") == "zh-TW"


def test_a_page_without_a_choice_speaks_the_browsers_language(chromium: Browser, server, contexts):
    errors: list[str] = []
    context = chromium.new_context(locale="zh-HK")
    contexts.append(context)
    page = context.new_page()
    listen(page, errors)
    page.goto(f"{server.url}/?dataset=digits")
    spoken(page, "zh_TW", "zh-TW")
    assert named(page) == [], "whoever gets this link sees it in their own language"
    page.goto(f"{server.url}/?dataset=digits&lang=en")
    spoken(page, "en", "en")
    assert named(page) == ["en"] and errors == []
