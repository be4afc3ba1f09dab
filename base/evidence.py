"""The kinds of evidence that a value or a share of a score stands on, in words."""

WORDS = {
    "direct": "measured",
    "reported": "claimed by a vendor",
    "synthesised": "borrowed",
    "missing": "not known",
}
SHORT = WORDS | {"reported": "claimed"}
