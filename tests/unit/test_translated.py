"""Every text is translated into every language."""

import pytest

from normviz.language.catalog import DOMAINS
from tests.messages import TRANSLATED, read


@pytest.mark.parametrize("name", TRANSLATED)
@pytest.mark.parametrize("domain", [*DOMAINS, "view"])
def test_nothing_is_left_in_english(name: str, domain: str):
    messages = [message for message in read(name, domain) if message.id]
    forms = (
        (m.id, [m.string] if isinstance(m.string, str) else list(m.string or ())) for m in messages
    )
    missing = [source for source, texts in forms if not texts or not all(texts)]
    assert messages and missing == [], f"{len(missing)} of {len(messages)} are missing"
