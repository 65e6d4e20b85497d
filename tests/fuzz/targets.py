"""All that is fuzzed, by name."""

from tests.fuzz import binary, messages, rooms, texts

TARGETS = {**binary.TARGETS, **texts.TARGETS, **messages.TARGETS, **rooms.TARGETS}
