"""Which ranked model an unmatched name may mean. Proposals for a person; nothing is resolved here.

A name is taken apart into the things that tell models apart (versions, sizes, tier words) and the
words that do not (vendor, effort, agent, host). The former must be equal, the latter only count for
the order of the proposals: `GPT-5.4 mini` is never proposed for `GPT-5.4`, however alike they look.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import duckdb

from ipbr_rank.config.models import DAY, MONTH


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that make another model of a name, whether or not a ranked model has them.
TIERS = _words(
    """
    air alpha audio base chat chimera code coder codex customtools deep distill e embed exp
    experimental fable fast flash guard haiku heavy highspeed image instant large lite live
    math maverick max micro mini moe multi n nano next o omni opus oss plus prime pro r
    realtime research robotics safeguard scout small sonnet spark speciale super think
    transcribe tts turbo ultra v vision vl voice zero
    """
)
# Words that name the same model again: efforts, modes, formats, lifecycles, hosts.
NOISE = _words(
    """
    a access accounts adaptive agent agentic ai ap apac api attempts autonomous awq azure
    bedrock beta bf16 by calling cli cloud context cot ctx default dynamic effort eu
    extended fc fireworks fp16 fp4 fp8 free func function ga gguf global gpu grounded
    grounding harness hf high hosted hub in instruct int4 int8 it latest llm low
    maas med medium minimal mlx mode model models native no non none normal novita nvfp4 of
    off official on only openrouter pass preview prompt publishers reasoner reasoning region
    release s scaffold search self serverless sglang single stable standard studio the
    thinking thoughts together token tokens tool tools us using verified version via vllm
    web with without x xhigh z
    """
)
# Agents and harnesses, with their version: `Terminus 2`, `mini-SWE-agent v2`.
AGENTS = re.compile(
    r"\b(?:(?:mini|live)[ _-]?swe(?:[ _-]?agent)?|swe[ _-]?agent|claude[ _-]code"
    r"|codex[ _-](?:cli|harness)|codex(?=\))|gemini[ _-]cli|terminus(?=[ _-]?\d)"
    r"|open[ _-]?hands|code[ _-]?act|agentless|aider|cline|roo[ _-]code|goose|factory droid|droid"
    r"|warp|cursor)(?:[ _-]?v?\d+(?:\.\d+)*(?![\d.]*[a-z]))?"
)
PARTS = re.compile(r"\s\+\s|\s+w/\s*|\s+with\s+(?!tools|thinking)|\s+via\s+|\s*@\s*|\s*\|\s*|\s&\s")
# What stands between a model line and its version without meaning: K2.5, V3.2, M2.7.
SERIES_LETTERS = frozenset("kvm")
# Tier words that name a line of models alone: `Sonnet 4.6` needs no Claude.
LINES = frozenset({"codex", "fable", "opus", "sonnet"})
# A word that is an effort elsewhere and a model of its own here, by family and version.
OWN_MODELS = {("kimi", "2"): "thinking"}
SIZE = re.compile(r"a?\d+(?:\.\d+)?[bmt]")
SAME_WORD = 0.94
GOOD_ENOUGH = 0.5
AT_MOST = 3


@dataclass(frozen=True)
class Parts:
    """One name taken apart."""

    words: tuple[str, ...]
    versions: tuple[str, ...]
    tiers: frozenset[str]
    sizes: frozenset[str]
    stamps: frozenset[str]
    is_preview: bool

    @property
    def core(self) -> str:
        """What tells this model apart, as one text; equal for two spellings of a model."""
        things = (*self.words, *self.versions, *sorted(self.tiers), *sorted(self.sizes))
        return " ".join((*things, *sorted(self.stamps)))


@dataclass(frozen=True)
class Suggestion:
    """One proposal; `score` is from 0 to 1, `alias` the known name it was found by."""

    canonical_id: str
    alias: str
    score: float


@dataclass
class Suggester:
    """Knows the ranked models by canonical id, and the spellings of vendors.

    `names` starts with the display name of each model.
    """

    names: Mapping[str, Iterable[str]]
    vendors: Mapping[str, str]
    released: Mapping[str, date | None]
    spellings: Mapping[str, str]
    _known: list[tuple[str, str, Parts]] = field(init=False)
    _families: frozenset[str] = field(init=False)
    _tiers: frozenset[str] = field(init=False)
    _vocabulary: frozenset[str] = field(init=False)
    _vendor_words: frozenset[str] = field(init=False)
    _with_preview: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._vendor_words = frozenset(
            word
            for spelling in (*self.spellings, *self.vendors.values())
            for word in re.split(r"[^a-z0-9]+", spelling.lower())
        )
        self._vocabulary = frozenset(TIERS | NOISE | self._vendor_words)
        self._families, self._tiers = frozenset(), TIERS
        families, words = set(), set()
        for canonical_id in self.names:
            model = canonical_id.split("/", 1)[-1]
            words |= set(self.take_apart(model).words)
            families |= set(self.take_apart(re.split(r"\d", model)[0]).words)
        # What stands only after a version tells models of one family apart: GPT-5.6 Sol and Terra.
        self._tiers |= words - families
        # MiniMax and Qwen name vendor and model line alike.
        families |= {
            word
            for canonical_id in self.names
            for word in re.findall(r"[a-z]+", canonical_id.split("/", 1)[-1])
            if word in self._vendor_words
        }
        self._families = frozenset(word for word in families if len(word) > 2)
        self._vocabulary |= self._families | self._tiers
        self._known = [
            (canonical_id, name, self.take_apart(name))
            for canonical_id, names in self.names.items()
            for name in dict.fromkeys((canonical_id.split("/", 1)[-1], *names))
        ]
        # An alias with another tier word than id and display name holds for that spelling alone:
        # `gpt-5-5-codex-xhigh` does not make every GPT-5.5-Codex a GPT-5.5.
        own_tiers = {
            (canonical_id, parts.tiers)
            for canonical_id, name, parts in self._known
            if name in (canonical_id.split("/", 1)[-1], next(iter(self.names[canonical_id]), ""))
        }
        self._known = [entry for entry in self._known if (entry[0], entry[2].tiers) in own_tiers]
        self._with_preview = {
            canonical_id for canonical_id, _, parts in self._known if parts.is_preview
        }

    def suggest(self, name: str, vendor_hint: str | None = None) -> list[Suggestion]:
        """At most three models, the likeliest first; none where anything that counts differs."""
        hinted = self.vendor_of(vendor_hint or "")
        spoken = self.vendor_named_in(name)
        best: dict[str, Suggestion] = {}
        for segment in self._segments(name):
            parts = self.take_apart(segment)
            for canonical_id, alias, known in self._known:
                vendor = self.vendors[canonical_id]
                if any(told and told != vendor for told in (hinted, spoken)):
                    continue
                if not self._may_be_same(parts, known, canonical_id):
                    continue
                score = round(_likeness(parts, known), 3)
                found = best.get(canonical_id)
                if score >= GOOD_ENOUGH and (found is None or score > found.score):
                    best[canonical_id] = Suggestion(canonical_id, alias, score)
        ordered = sorted(best.values(), key=lambda found: (-found.score, found.canonical_id))
        return ordered[:AT_MOST]

    def vendor_of(self, hint: str) -> str | None:
        """The vendor id that a spelling stands for; None if it is none of a ranked model's."""
        spelled = " ".join(re.findall(r"[a-z0-9]+", hint.lower())).replace("z ai", "zai")
        return self.spellings.get(spelled) or (
            spelled if spelled in self.vendors.values() else None
        )

    def vendor_named_in(self, name: str) -> str | None:
        """The vendor whose name stands before the first slash or colon, if it is a known one."""
        head, sign, _ = re.split(r"([/:])", name + "//", maxsplit=1)[:3]
        return self.vendor_of(head) if sign and head != name else None

    def core(self, name: str) -> str:
        """The same text for two spellings of one model, as far as that can be told."""
        return self.take_apart(name).core

    def take_apart(self, name: str) -> Parts:
        """Versions, sizes, tier words and the other words of a name; noise is left out."""
        text = unicodedata.normalize("NFKC", name).lower()
        text = AGENTS.sub(" ", text)
        # Versions of a host, number formats, budgets and context lengths.
        text = re.sub(r"\bv\d+:\d+\b|:\d+\b|\b(?:bf|fp|int|mxfp|nvfp)\d+\b", " ", text)
        text = re.sub(r"\b\d{1,3}k\b|\b\d+m[ _-]?(?=context|ctx|tokens)", " ", text)
        text, stamps = _without_stamps(text)
        # An effort in brackets or named as one is no tier.
        text = re.sub(r"([(,\[]\s*)max\b|\bmax[ _-]+(?=effort|thinking|reasoning)", r"\1", text)
        text = re.sub(r"(?<=\d)p(?=\d)", ".", text)
        # 4-8 is 4.8, but 3-235b is a version and a size.
        text = re.sub(r"(?<![\d.])(\d{1,2})[-_ ](\d{1,2})(?![\d.]*[\da-z])", r"\1.\2", text)
        outside = set(re.findall(r"[a-z]+", re.sub(r"\(.*?\)|\[.*?\]", " ", text)))
        tokens = re.findall(r"a?\d+(?:\.\d+)?[bmt]\b|\d+(?:\.\d+)*|[a-z]+", text)
        # What a word in other letters says is not known: it may be a tier.
        foreign = re.findall(r"[^\W\d_a-z]+", text)
        words: list[str] = []
        versions: list[str] = []
        tiers, sizes = set(), set()
        is_preview = False
        for token in (part for glued in tokens for part in self._split_glued(glued)):
            known = self._known_word(token)
            if SIZE.fullmatch(token):
                sizes.add(token)
            elif token[0].isdigit():
                versions.append(re.sub(r"\.0$", "", token))
            elif known in self._families:
                words.append(known)
            elif known in self._tiers and not (known in SERIES_LETTERS and not versions):
                tiers.add(known)
            elif known in NOISE or known in self._vendor_words or known in SERIES_LETTERS:
                is_preview = is_preview or known in ("preview", "beta")
            elif token in outside and (tiers & LINES or self._families & set(words)):
                # After the model's name an unknown word may be a tier that is new.
                tiers.add(known)
            else:
                words.append(known)
        for (family, version), word in OWN_MODELS.items():
            if family in words and version in versions and word in tokens:
                tiers.add(word)
        return Parts(
            words=tuple(dict.fromkeys(words)),
            versions=tuple(sorted(versions)),
            tiers=frozenset({*tiers, *foreign}),
            sizes=frozenset(sizes),
            stamps=frozenset(stamps),
            is_preview=is_preview,
        )

    def _may_be_same(self, name: Parts, known: Parts, canonical_id: str) -> bool:
        """Nothing that tells models apart differs, and they share the name of a family or line."""
        families = self._families & set(name.words)
        if families:
            # `DeepSeek-R1-Distill-Qwen` names two.
            if not families <= set(known.words):
                return False
        elif name.words or not name.tiers & LINES:
            return False
        if [_dotless(version) for version in name.versions] != [
            _dotless(version) for version in known.versions
        ]:
            return False
        if name.tiers != known.tiers:
            return False
        if name.sizes != known.sizes and not (
            name.sizes and known.sizes and (name.sizes <= known.sizes or known.sizes <= name.sizes)
        ):
            return False
        # Where a preview is the listed release, one of its names says so.
        if name.is_preview and canonical_id not in self._with_preview:
            return False
        return name.stamps == known.stamps or (
            not known.stamps and _is_dated(name.stamps, self.released[canonical_id])
        )

    def _segments(self, name: str) -> list[str]:
        """The part of `Agent + Model` that names the model; nothing where several parts do."""
        # What stands before a slash is a host or an organisation.
        tail = name.rstrip("/").rsplit("/", 1)[-1]
        if self._families & set(self.take_apart(tail).words):
            name = tail
        segments = [part for part in PARTS.split(name) if part.strip()]
        if len(segments) < 2:
            return [name]
        naming = [part for part in segments if self._families & set(self.take_apart(part).words)]
        if len(naming) == 1:
            return naming
        return [] if naming else [name]

    def _split_glued(self, token: str) -> list[str]:
        """`flashlite` is two known words; what cannot be split into known words stays whole."""
        if token in self._vocabulary or not token.isalpha():
            return [token]
        for end in range(len(token) - 2, 2, -1):
            if token[:end] in self._vocabulary:
                rest = self._split_glued(token[end:])
                if all(part in self._vocabulary for part in rest):
                    return [token[:end], *rest]
        return [token]

    def _known_word(self, token: str) -> str:
        """The known word that a misspelt one stands for, else the token itself."""
        if token in self._vocabulary or len(token) < 4 or not token.isalpha():
            return token
        alike = [
            (_likeness_of_texts(token, word), word)
            for word in self._vocabulary
            if len(word) > 3 and word[0] == token[0] and abs(len(word) - len(token)) <= 2
        ]
        likeness, word = max(alike, default=(0.0, token))
        return word if likeness >= SAME_WORD else token


def _without_stamps(text: str) -> tuple[str, set[str]]:
    """Takes out dates. Whole dates, which suffix rules know too, do not tell models apart."""
    # The suffix rules in SQL read fewer forms, since what they read is resolved and not proposed.
    text = re.sub(rf"\b20\d{{2}}[-_/ .]?(?:{MONTH})[-_/ .]?(?:{DAY})\b", " ", text)
    months = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*"
    text = re.sub(
        rf"\b{months}[-_ ]20\d{{2}}\b|\b(?:{months}[-_ ]\d{{1,2}},?[-_ ]20\d{{2}})", " ", text
    )
    stamps: set[str] = set()

    def keep(match: re.Match[str]) -> str:
        stamps.add(re.sub(r"\D", "", match[0]))
        return " "

    for pattern in (
        rf"\b(?:{MONTH})[-_ ]20\d{{2}}\b",
        r"\b\d{1,2}/\d{2}\b",
        rf"\b0[1-9][-_ ](?:{DAY})\b",
        r"\b\d{4}\b(?!\.\d)",
    ):
        text = re.sub(pattern, keep, text)
    return text, stamps


def _is_dated(stamps: frozenset[str], released: date | None) -> bool:
    """True where every stamp is a way to write the release date."""
    forms = ("%m%d", "%m%Y", "%y%m")
    return released is not None and stamps <= {released.strftime(form) for form in forms}


def _likeness(name: Parts, known: Parts) -> float:
    """Share of common words, and likeness of the names as texts, half each."""
    ours, theirs = set(name.core.split()), set(known.core.split())
    overlap = len(ours & theirs) / len(ours | theirs)
    return (overlap + _likeness_of_texts(name.core, known.core)) / 2


def _dotless(version: str) -> str:
    """`gpt-54` is a common way to write 5.4; 4.20 and 4.2 stay apart."""
    return version.replace(".", "")


@cache
def _likeness_of_texts(first: str, second: str) -> float:
    """From 0 to 1; a common beginning counts more."""
    ((likeness,),) = (
        _duckdb().execute("select jaro_winkler_similarity(?, ?)", [first, second]).fetchall()
    )
    return float(likeness)


@cache
def _duckdb() -> duckdb.DuckDBPyConnection:
    """For its functions on texts alone; nothing is stored."""
    return duckdb.connect()
