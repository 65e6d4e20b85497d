"""All that is fuzzed, by name."""

from tests.fuzz import binary, messages, texts

TARGETS = {**binary.TARGETS, **texts.TARGETS, **messages.TARGETS}
