"""Gather every visible text into the catalogues, and turn what translators wrote into what the app reads.

``make messages`` brings ``normviz/language/catalogs/*/*.po`` up to date with the source and writes, from them, the
``.mo`` files for Python and the ``words.*.js`` modules for the browser. A module has the component's own words by key,
and that of the live view also what the server says in English inside a schema (:func:`terms`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from normviz.config import CHOICES, LaneConfig
from normviz.language import LANGUAGES
from normviz.language.catalog import DOMAINS, FOLDER

ROOT = Path(__file__).parents[1]
TRANSLATED = tuple(name for name in LANGUAGES if name != "en")
#: What belongs to the lessons' catalogue; every other Python file's texts are the page's.
LESSONS = (
    "normviz/lessons/",
    "normviz/ui/lessons/",
    "normviz/charts/lessons/",
    "normviz/reproduce/",
    "pages/",
)
KEYWORDS = {
    **{"_": None, "N_": None, "ngettext": (1, 2)},
    **{"pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)},
}
#: Folders of components with a ``words.js``; their texts are in the catalogue "view".
COMPONENTS = ("live", "study", "sketch")
CHARTS = ROOT / "normviz" / "charts"
#: Where texts are made that travel in a schema, and what the title of a lane is made of besides names.
SCHEMA = ("normviz/probe/", "normviz/train/", "normviz/nn/")
TITLE = ("{field}: {value}", "from step {step} {change}", ", ", "on", "off")
_ENTRY = re.compile(r'^ {2}("(?:[^"\\]|\\.)+"): ("(?:[^"\\]|\\.)*"),', re.MULTILINE)


#: Catalogues carry no date: the same texts give the same bytes.
_DATELESS = datetime(2000, 1, 1, tzinfo=UTC)


def words(folder: str) -> dict[str, str]:
    """Return a component's English words by key."""
    path = CHARTS / folder / "words.js"
    text = path.read_text("utf-8") if path.exists() else ""
    return {json.loads(key): json.loads(value) for key, value in _ENTRY.findall(text)}


def sources() -> dict[str, Catalog]:
    """Return what is to be translated: a catalogue without translations for each domain."""
    found = {domain: Catalog(charset="utf-8") for domain in (*DOMAINS, "view")}
    for name, message, context in _python():
        domain = "lessons" if name.startswith(LESSONS) else "page"
        found[domain].add(message, locations=[(name, 0)], context=context)
    page = {_id(m) for m in found["page"] if not m.context}
    for message in [_id(m) for m in found["lessons"] if m.id and not m.context]:
        if message in page:
            found["lessons"].delete(message)  # what both have stands in the page's
    for folder in COMPONENTS:
        for key, text in words(folder).items():
            if re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", text)):
                found["view"].add(text, locations=[(folder, 0)], context=f"{folder} {key}")
    return found


def _id(message: Message) -> str:
    """Return what a message is found by: its text, or the singular of it."""
    return message.id if isinstance(message.id, str) else message.id[0]


def _python() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    """Yield file, text and context of every marked text of the Python sources."""
    options = {"encoding": "utf-8"}
    for top in ("normviz", "pages"):
        rows = extract_from_dir(
            ROOT / top, [("**.py", "python")], {"**.py": options}, KEYWORDS, strip_comment_tags=True
        )
        for file, _, message, _, context in sorted(rows, key=lambda row: (row[0], row[1])):
            yield f"{top}/{file}", message, context
    for _, message, _, context in extract_from_file(
        "python", ROOT / "app.py", KEYWORDS, options=options
    ):
        yield "app.py", message, context


def terms() -> list[str]:
    """Return what the browser translates of the server's words: quantities and units, names of controls and choices."""
    made = {str(message) for name, message, _ in _python() if name.startswith(SCHEMA)}
    named = {str(info.title) for info in LaneConfig.model_fields.values()}
    chosen = {choice.label for table in CHOICES.values() for choice in table.values()}
    return sorted({*made, *named, *chosen, *TITLE})


def path(language: str, domain: str) -> Path:
    """Return where a language's catalogue is."""
    return FOLDER / language / f"{domain}.po"


def read(language: str, domain: str) -> Catalog:
    """Return a language's catalogue as it stands on the disk."""
    if not path(language, domain).exists():
        return Catalog(locale=language, charset="utf-8")
    with path(language, domain).open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def updated(language: str, domain: str, source: Catalog) -> Catalog:
    """Return a language's catalogue with exactly the texts of the source; nothing is guessed from similar ones."""
    known = read(language, domain)
    fresh = Catalog(
        language,
        project="normviz",
        version="1",
        charset="utf-8",
        fuzzy=False,
        creation_date=_DATELESS,
        revision_date=_DATELESS,
    )
    for message in source:
        if message.id:
            old = known.get(_id(message), message.context)
            string = old.string if old and old.id == message.id else None
            flags = old.flags & {"fuzzy"} if old else ()
            fresh.add(message.id, string, message.locations, flags, context=message.context)
    return fresh


def as_po(catalog: Catalog) -> bytes:
    """Write a catalogue as text: sorted, without line numbers and dates, so that a change shows what has changed."""
    out = BytesIO()
    write_po(out, catalog, width=100, omit_header=False, sort_by_file=True, include_lineno=False)
    dropped = (b'"POT-Creation-Date:', b'"PO-Revision-Date:', b'"Generated-By:', b"# ")
    lines = [line for line in out.getvalue().splitlines() if not line.startswith(dropped)]
    return b"\n".join(lines).strip() + b"\n"


def as_mo(catalog: Catalog) -> bytes:
    """Write a catalogue as gettext reads it."""
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def as_js(catalog: Catalog, folder: str, page: Catalog) -> str:
    """Write a component's words as a module."""
    table = dict[str, str]()
    for key, text in words(folder).items():
        message = catalog.get(text, f"{folder} {key}")
        if message and message.string and not message.fuzzy:
            table[key] = str(message.string)
    module = "// Written by `make messages` from the catalogues; not by hand.\n" + _export(
        "WORDS", table
    )
    if folder != "live":
        return module
    known = {text: page.get(text) for text in terms()}
    return module + _export("TERMS", {t: m.string for t, m in known.items() if m and m.string})


def _export(name: str, table: Mapping[str, Any]) -> str:
    rows = "".join(
        f"  {json.dumps(key, ensure_ascii=False)}: {json.dumps(text, ensure_ascii=False)},\n"
        for key, text in table.items()
    )
    return f"export const {name} = {{\n{rows}}};\n"


def written() -> dict[Path, bytes]:
    """Return every file that follows from the sources and the catalogues, by its path."""
    found: dict[Path, bytes] = {}
    gathered = sources()
    for language in TRANSLATED:
        catalogs = {domain: updated(language, domain, gathered[domain]) for domain in gathered}
        for domain, catalog in catalogs.items():
            found[path(language, domain)] = as_po(catalog)
            if domain in DOMAINS:
                found[path(language, domain).with_suffix(".mo")] = as_mo(catalog)
        for folder in COMPONENTS:
            module = as_js(catalogs["view"], folder, catalogs["page"])
            found[CHARTS / folder / f"words.{language}.js"] = module.encode()
    return found


def main() -> None:
    """Bring everything up to date and say how far the translations are."""
    for file, content in written().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_bytes() != content:
            file.write_bytes(content)
    for language in TRANSLATED:
        for domain in (*DOMAINS, "view"):
            messages = [message for message in read(language, domain) if message.id]
            done = sum(bool(message.string) and not message.fuzzy for message in messages)
            print(f"{language} {domain}: {done} of {len(messages)}")


if __name__ == "__main__":
    main()
