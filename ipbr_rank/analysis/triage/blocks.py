"""Models that sources list and nobody ranks: each with the block that would rank it.

Which names are one model is told in SQL (`rpt_unranked_models`); here a person's spelling is chosen
among the sources', and the block is written as `data/required_aliases.toml` has it.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

# As OpenRouter writes an id, without a route such as `:free`.
LISTED_ID = re.compile(r"([a-z0-9-]+)/([a-z0-9][a-z0-9._-]*)(?::[a-z]+)?")
BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
# 4-8 is 4.8, but 3-235b is a version and a size.
VERSION = re.compile(r"(?<![\d.])(\d{1,2})[-_ ](\d{1,2})(?![\d.]*[\da-z])", re.I)
WORD = re.compile(r"[^\s_-]+")
SIZE = re.compile(r"[ae]?\d+(?:\.\d+)?[bmtvk]?", re.I)
# Written in capitals, as are short words without a vowel.
CAPITALS = re.compile(r"it|oss|[^aeiouy\W\d_]{2,3}")


def compact(name: str) -> str:
    """Letters and digits of a name, in lower case; 2.0 is 2."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"(\d)\.0\b", r"\1", name.lower()))


def toml_text(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but for surrogates, which raw text avoids."""
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted.replace("\x7f", "\\u007F")


@dataclass(frozen=True)
class Block:
    """A table of the aliases file."""

    canonical_id: str
    vendor: str
    display_name: str
    release_date: date | None
    open_weights: bool | None
    aliases: tuple[str, ...]

    @property
    def toml(self) -> str:
        """As the file has it: keys in its order, aliases in alphabetical order."""
        lines = [
            f"[models.{toml_text(self.canonical_id)}]",
            f"vendor = {toml_text(self.vendor)}",
            f"display_name = {toml_text(self.display_name)}",
        ]
        if self.release_date:
            lines.append(f"release_date = {self.release_date.isoformat()}")
        if self.open_weights is not None:
            lines.append(f"open_weights = {str(self.open_weights).lower()}")
        aliases = [f"    {toml_text(alias)}," for alias in self.aliases]
        return "\n".join([*lines, "aliases = [", *aliases, "]"])


class Namer:
    """Writes names as those of the ranked models are written."""

    def __init__(self, ranked: Iterable[tuple[str, str, str]]) -> None:
        """`ranked` is id, vendor and display name of each ranked model."""
        self._spelled: dict[str, str] = {}
        self._joints: dict[str, str] = {}
        families: dict[str, set[str]] = defaultdict(set)
        namespaces: dict[str, Counter[str]] = defaultdict(Counter)
        for canonical_id, vendor, display_name in ranked:
            namespaces[vendor][canonical_id.split("/")[0]] += 1
            for word in re.findall(r"[A-Za-z]+", display_name):
                self._spelled.setdefault(word.lower(), word)
            if family := re.match(r"([A-Za-z]+)([-\s]?)(?=\d)", display_name):
                self._joints.setdefault(family[1].lower(), family[2])
            if first := re.match(r"[A-Za-z]+", display_name):
                families[vendor].add(first[0].lower())
        self._families = {vendor: tuple(sorted(words)) for vendor, words in families.items()}
        self._namespaces = {
            vendor: min(counts, key=lambda name: (-counts[name], name))
            for vendor, counts in namespaces.items()
        }

    def block(self, model: Mapping[str, Any]) -> Block:
        """The block of one row of rpt_unranked_models."""
        names = [spelling["candidate_name"] for spelling in model["spellings"]]
        display_name = self._display_name(names, model["compared_name"], model["vendor"])
        listed = [
            found
            for spelling in model["spellings"]
            if spelling["source_id"] == "openrouter"
            and (found := LISTED_ID.fullmatch(spelling["candidate_name"]))
            and compact(found[2]).endswith(model["compared_name"])
        ]
        hints = Counter(s["vendor_hint"] for s in model["spellings"] if s["vendor_hint"])
        hint = min(hints, key=lambda one: (-hints[one], one), default="unknown")
        vendor = model["vendor"] or (listed[0][1] if listed else slug(hint))
        slugged = listed[0][2] if listed else slug(display_name)
        canonical_id = f"{self._namespaces.get(vendor, vendor)}/{slugged}"
        return Block(
            canonical_id,
            vendor,
            display_name,
            model["release_date"],
            model["open_weights"],
            _aliases(names, display_name, slugged),
        )

    def _display_name(self, names: Sequence[str], compared: str, vendor: str | None) -> str:
        """The sources' spelling that a person would choose, else one made of it."""
        counts: Counter[str] = Counter()
        for name in names:
            # Without the organisation before it, a route and what stands in brackets.
            bare = BRACKETS.sub("", re.sub(r":[a-z]+$", "", name).rsplit("/", 1)[-1]).strip()
            if compact(bare).endswith(compared):
                counts[self._spelled_out(bare)] += 1
        families = self._families.get(vendor or "", ())
        return min(
            counts or [self._spelled_out(compared)],
            key=lambda name: (
                not name.lower().startswith(families) if families else False,
                -counts[name],
                len(name),
                name,
            ),
        )

    def _spelled_out(self, name: str) -> str:
        """`qwen3-coder-480b-a35b` as `Qwen3 Coder 480B A35B`; a name that is spelled stays."""
        text = VERSION.sub(r"\1.\2", name)
        if text != text.lower() and ("-" not in text or " " in text):
            return text
        words = [self._word(word) for word in WORD.findall(text)]
        joint = self._joints.get(words[0].lower()) if words else None
        if joint is not None and len(words) > 1 and words[1][0].isdigit():
            words[:2] = [f"{words[0]}{joint}{words[1]}"]
        return " ".join(words)

    def _word(self, word: str) -> str:
        if SIZE.fullmatch(word):
            return word.upper()
        head = re.match(r"[a-z]+", word)
        # OpenAI's o3 begins small.
        if word != word.lower() or not head or (head[0] == "o" and len(word) > 1):
            return word
        made = head[0].upper() if CAPITALS.fullmatch(head[0]) else head[0].capitalize()
        return self._spelled.get(head[0], made) + word[head.end() :]


def slug(text: str) -> str:
    """Lower-case words and versions joined by dashes, as ids have them."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "unknown"


def _aliases(names: Iterable[str], display_name: str, slugged: str) -> tuple[str, ...]:
    """The id's own name, and spellings that hosts, efforts and dates do not lead from.

    Those of whose letters the name is a part are resolved by the rules.
    """
    known = {compact(display_name), compact(slugged)}
    aliases = {slugged}
    for name in sorted(names, key=lambda one: (len(one), one)):
        bare = BRACKETS.sub("", name).strip()
        if not any(one in compact(name) for one in known):
            aliases.add(bare)
            known.add(compact(bare))
    return tuple(sorted(aliases))
