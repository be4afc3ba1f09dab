"""Pages of models, metrics, sources and missing data: they say what the marts say."""

import dataclasses
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from render import show
from render.board import Board, WithheldWeight
from render.build import is_link, render_site
from render.files.toml import write_scoreboard
from render.from_marts import read_board
from render.from_scoreboard import read_scoreboard
from render.lookup import Lookup
from render.pages.compare import compare_context
from render.pages.edition import edition_context
from render.pages.index import index_context
from render.pages.model import PULL_SEEN, verdict, waterfall
from render.words import UNKNOWN, reason_words
from tests.support.made_up import HOSTILE_NAMES, build_database

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def lookup(made_up: Board) -> Lookup:
    """The made-up board by its keys."""
    return Lookup(made_up)


def parsed(page: Path) -> LexborHTMLParser:
    """A page as a browser without scripts has it."""
    return LexborHTMLParser(page.read_text(encoding="utf-8"))


def test_every_model_and_metric_has_a_page(made_up: Board, site: Path) -> None:
    assert {path.stem for path in (site / "models").iterdir()} == {
        row.slug for row in made_up.scoreboard
    }
    assert len(list((site / "metrics").iterdir())) == len(made_up.metrics or ())
    for page in [*site.glob("models/*.html"), *site.glob("metrics/*.html")]:
        assert len(parsed(page).css("h1")) == 1, page


def test_every_model_page_says_what_its_places_are(
    made_up: Board, lookup: Lookup, site: Path
) -> None:
    seen = set()
    for row in made_up.scoreboard:
        page = parsed(site / "models" / f"{row.slug}.html")
        for role, block in zip(made_up.roles, page.css(".roles > div"), strict=True):
            own = lookup.evidence[row.canonical_id, role.role_id]
            interval = lookup.intervals[row.canonical_id, role.role_id]
            text = " ".join(block.text().split())
            assert f"{interval.p05_score:.0f}–{interval.p95_score:.0f}" in text
            if own.is_ranked:
                of = lookup.ranked_counts[role.role_id]
                assert f"place {show.place_range(own)} of {of}" in text
            else:
                assert "provisional: no place" in text
                assert not re.search(r"place \S+ of", text)
            seen.add(own.status)
    assert seen == {"ranked", "provisional"}


def test_waterfalls_end_at_the_score(made_up: Board, lookup: Lookup) -> None:
    seen_pull = False
    for row in made_up.scoreboard:
        for role in made_up.roles:
            bars = waterfall(lookup, row, role)
            steps = [bar for bar in bars if bar.kind != "group"]
            score = getattr(row, role.score_key.lower())
            end = 0.0
            for step in steps:
                assert step.start == pytest.approx(end, abs=len(bars) * PULL_SEEN)
                end = step.start + step.contribution
            assert end == pytest.approx(score, abs=1e-6)
            groups = [bar.contribution for bar in bars if bar.kind == "group"]
            assert sum(groups) == pytest.approx(score, abs=1e-9)
            seen_pull |= any(bar.kind == "pull" for bar in bars)
    assert seen_pull


def test_a_model_page_shows_what_moves_its_scores_most(made_up: Board, site: Path) -> None:
    robustness = {(entry.canonical_id, entry.role_id): entry for entry in made_up.robustness}
    evidence = {(entry.canonical_id, entry.role_id): entry for entry in made_up.role_evidence}
    families = 0
    for row in made_up.scoreboard[:12]:
        tables = parsed(site / f"models/{row.slug}.html").css(".tornado")
        assert len(tables) == len(made_up.roles)
        for role, table in zip(made_up.roles, tables, strict=True):
            moves = sorted(
                (
                    move
                    for move in made_up.largest_moves
                    if (move.canonical_id, move.role_id) == (row.canonical_id, role.role_id)
                    and move.place_for_model <= 8
                ),
                key=lambda move: -abs(move.score_change),
            )
            largest = abs(moves[0].score_change)
            assert table.css_first("thead .track").text() == f"to ± {largest:.2f}"
            found = table.css("tbody tr")
            assert len(found) == len(moves) == 8
            for node, move in zip(found, moves, strict=True):
                points, places = node.css("td")[:2]
                shown = points.text().replace("\N{MINUS SIGN}", "-")
                assert float(shown) == pytest.approx(move.score_change, abs=0.005)
                words = places.css_first(".unseen")
                assert (words is None) == (move.rank_change == 0)
                if words is not None:
                    way = "up" if move.rank_change > 0 else "down"
                    assert words.text() == f"{abs(move.rank_change)} {way}"
                bar = node.css_first("rect").attributes
                start, width = (float(bar[name].rstrip("%")) for name in ("x", "width"))
                assert width == pytest.approx(50 * abs(move.score_change) / largest, abs=0.01)
                assert start == pytest.approx(50 if move.score_change > 0 else 50 - width, abs=0.02)
                families += move.left_out_kind == "family"
            caption = " ".join(table.css_first("caption").text().split())
            entry = robustness[row.canonical_id, role.role_id]
            own = evidence[row.canonical_id, role.role_id]
            # Only a place is robust or fragile.
            said = {word for word in ("robust", "fragile") if word in caption}
            assert said == ({"robust" if own.is_robust else "fragile"} if own.place else set())
            assert ("first in 87.5 %" if entry.leader_share else "it is never first") in caption
            assert (
                "at most 1 place; "
                if entry.model_rank_change
                else "other model never changes this rank"
            ) in caption
    assert families > 0


def test_a_metric_page_shows_whose_scores_it_moves_most(made_up: Board, site: Path) -> None:
    tau = {
        (entry.scenario_key, entry.role_id): entry.kendall_tau for entry in made_up.order_agreement
    }
    seen = 0
    for metric in made_up.metrics:
        page = parsed(site / f"metrics/{show.file_name(metric.metric_id)}.html")
        roles = [role for role in made_up.roles if (metric.metric_id, role.role_id) in tau]
        tables = page.css(".tornado")
        assert len(tables) == len(roles), metric.metric_id
        for role, table in zip(roles, tables, strict=True):
            moves = [
                move
                for move in made_up.largest_moves
                if (move.left_out_id, move.role_id) == (metric.metric_id, role.role_id)
                and move.place_among_models <= 8
            ]
            moves.sort(key=lambda move: move.place_among_models)
            names = {row.canonical_id: row.display_name for row in made_up.scoreboard}
            assert [node.text() for node in table.css("tbody th bdi")] == [
                names[move.canonical_id] for move in moves
            ]
            of_role = tau[metric.metric_id, role.role_id]
            told = table.css_first("caption b").text()
            assert told == ("τ not known" if of_role is None else f"τ {of_role:.3f}")
            seen += 1
        if not tables:
            assert page.css_first("#moves + .note").text().startswith(("A composite is", "Nothing"))
    assert seen > 60


def test_a_number_of_tasks_is_told_with_its_source(made_up: Board, site: Path) -> None:
    counted = [metric for metric in made_up.metrics if metric.task_count]
    assert len(counted) >= 8
    for metric in counted:
        facts = parsed(site / f"metrics/{show.file_name(metric.metric_id)}.html").css_first(
            ".facts"
        )
        text = " ".join(facts.text().split())
        assert f"Tasks{metric.task_count:,} {metric.task_count_source}" in text


def test_what_is_not_known_of_a_metric_is_said_and_never_zero(made_up: Board, site: Path) -> None:
    metrics = {metric.metric_id: metric for metric in made_up.metrics}
    minimum = {entry.threshold_id: entry.value for entry in made_up.thresholds}[
        "quality_minimum_models"
    ]
    overview = {
        node.css_first("th a").attributes["href"]: [
            " ".join(cell.text().split()) for cell in node.css("td")
        ]
        for node in parsed(site / "benchmarks.html").css(".witnesses tbody tr")
    }
    assert len(overview) == len(made_up.metric_quality) > 50
    reasons = set()
    for entry in made_up.metric_quality:
        address = f"metrics/{show.file_name(entry.metric_id)}.html"
        cells = [
            " ".join(node.text().split()) for node in parsed(site / address).css(".witness dd")
        ]
        agreement, nearest, top_five, covered, age = cells
        assert overview[address][7:] == [
            *(agreement.partition(" Kendall")[0], nearest),
            *(top_five.removesuffix(" standard errors"), age),
        ]  # fmt: skip
        if entry.kendall_tau is None:
            assert agreement.startswith("not known: ")
            if not metrics[entry.metric_id].is_weighted:
                assert agreement.endswith("no weight")
            elif entry.n_models < minimum:
                assert agreement.endswith(f"needs 10 models, has {entry.n_models}")
        else:
            assert agreement.startswith(f"{entry.kendall_tau:+.2f}")
        assert (entry.nearest_correlation is None) == nearest.startswith("not known: ")
        assert entry.is_near_duplicate == ("near-duplicate" in nearest)
        assert (entry.top_five_errors is None) == top_five.startswith("not known: ")
        assert bool(entry.is_saturated) == ("saturated" in top_five)
        is_told = entry.content_age_days is not None and entry.content_age_days >= 0
        assert is_told != age.startswith("not known: ")
        assert covered.endswith(f"{entry.n_models} of {len(made_up.scoreboard)}")
        reasons |= {text for text in cells if text.startswith("not known: ")}
    assert len(reasons) >= 5


def test_the_results_hold_every_value_and_every_gap(
    made_up: Board, lookup: Lookup, site: Path
) -> None:
    kinds = {"direct": "measured", "reported": "claimed by a vendor", "synthesised": "borrowed"}
    for row in made_up.scoreboard[:5]:
        page = parsed(site / "models" / f"{row.slug}.html")
        figures = [
            figure
            for figure in lookup.measurements[row.canonical_id].values()
            if figure.metric_kind == "metric"
        ]
        assert len(figures) == row.n_direct + row.n_reported + row.n_synthesised
        lines = page.css(".results tbody tr:not(.subhead)")
        shown = {line.css_first("th a").text(): line for line in lines}
        missing = {lookup.metric_name(key) for key in row.missing_metrics}
        assert len(lines) == len(shown) == len(figures) + len(missing)
        assert {name for name, line in shown.items() if "not known" in line.text()} == missing
        shares = [lookup.total_share(_metric_of(line)) for line in lines]
        assert shares == sorted(shares, reverse=True)
        apart = page.css(".results .subhead ~ tr")
        assert [_metric_of(line) for line in apart] == [
            _metric_of(line) for line, share in zip(lines, shares, strict=True) if not share
        ]
        for figure in figures:
            line = shown[lookup.metric_name(figure.metric_id)]
            points = line.css_first(".points").attributes["title"]
            assert points.startswith(f"{figure.value:.6f}")
            assert line.css_first(".evidence").text().startswith(kinds[figure.evidence_class])
            links = [link.attributes["href"] for link in line.css("a")]
            (report,) = (link for link in links if "/issues/new?" in link)
            asked = parse_qs(urlsplit(report).query)
            assert asked["model"] == [row.canonical_id]
            assert asked["metric"][0].startswith(figure.metric_id)
            assert str(figure.raw_value) in asked["expected"][0]
            if figure.evidence_class == "reported":
                assert figure.url in links
            elif figure.evidence_class == "direct":
                home_page = lookup.sources[figure.source_id].home_page
                assert home_page is None or home_page in links
            else:
                assert lookup.names[figure.donor_id] in line.text()
                assert "≈" in line.text()


def _metric_of(line: LexborNode) -> str:
    return Path(line.css_first("th a").attributes["href"]).stem


def test_the_issue_form_has_the_fields_that_links_fill_in() -> None:
    form = (PROJECT / ".github" / "ISSUE_TEMPLATE" / "wrong-figure.yml").read_text("utf-8")
    for field in ("model", "metric", "expected"):
        assert f"id: {field}\n" in form


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (
            {"b": (1, 1), "p": (1, 2), "i": (2, 5)},
            "Clearly 1st of 9 in Building, 1st or 2nd of 9 in Planning and 2nd to 5th of 9 in "
            "Idea. Too little is measured or claimed for a place in Reviewing.",
        ),
        (
            {"r": (4, 4)},
            "4th of 9 in Reviewing. Too little is measured or claimed for a place in Idea, ",
        ),
        ({}, "Not ranked: too little is measured or claimed for a place in any role."),
        (dict.fromkeys("ipbr", (1, 3)), "1st to 3rd of 9 in Idea, 1st to 3rd of 9 in Planning, "),
    ],
)
def test_the_verdict_is_in_words(
    made_up: Board, places: dict[str, tuple[int, int]], words: str
) -> None:
    row = made_up.scoreboard[0]
    model = row.canonical_id
    template = next(entry for entry in made_up.role_evidence if entry.is_ranked)
    mine = []
    for role in made_up.roles:
        low, high = places.get(role.role_id, (None, None))
        is_ranked = low is not None
        mine.append(
            dataclasses.replace(
                template,
                canonical_id=model,
                role_id=role.role_id,
                status="ranked" if is_ranked else "provisional",
                place=low,
                place_p05=low,
                place_p95=high,
            )
        )
    others = [
        dataclasses.replace(template, canonical_id=f"other/{n}", role_id=role.role_id)
        for role in made_up.roles
        for n in range(8)
    ]
    board = dataclasses.replace(made_up, role_evidence=(*mine, *others))
    text = verdict(Lookup(board), row)
    assert text.startswith(words)
    assert not re.search(r"\.[A-Z]", text), "a blank is missing between sentences"


def test_a_metric_page_ranks_all_its_figures(made_up: Board, lookup: Lookup, site: Path) -> None:
    for metric in made_up.metrics or ():
        page = parsed(site / lookup.metric_pages[metric.metric_id])
        if metric.metric_kind == "metric":
            figures = lookup.of_metric[metric.metric_id]
            sign = -1 if metric.higher_better else 1
            shown = [
                float(line.css("td[title]")[0].attributes["title"])
                for line in page.css(".ranking tbody tr")
            ]
            assert shown == sorted(shown, key=lambda value: sign * value)
            assert sorted(shown) == sorted(figure.raw_value for figure in figures)
            borrowed = sum(figure.evidence_class == "synthesised" for figure in figures)
            ranks = [cell.text() for cell in page.css(".ranking tbody .rank")]
            assert ranks.count("≈") == borrowed
            assert len(page.css(".strip .tick, .strip circle")) == len(figures)


def test_the_weight_that_an_edition_loses_is_the_marts(made_up: Board) -> None:
    sources = tuple(
        dataclasses.replace(source, status="withheld") if source.source_id == "gso" else source
        for source in made_up.sources
    )
    weights = tuple(
        WithheldWeight(
            metric_id, role_id, metric_id == "GSO", share, 0.125 if role_id == "b" else 0
        )
        for metric_id, share in (("BlendedCost", 0.125), ("GSO", 0.25))
        for role_id in "bipr"
    )
    board = dataclasses.replace(made_up, sources=sources, withheld_weight=weights)
    lookup = Lookup(board)
    context = edition_context(lookup)
    assert context["weight_lost"] == {"i": 0, "p": 0, "b": 0.125, "r": 0}
    told = [(row["metric"].metric_id, row["is_without_board"]) for row in context["affected"]]
    assert told == [("GSO", True), ("BlendedCost", False)]
    assert context["affected"][0]["shares"] == dict.fromkeys("bipr", 0.25)
    ((source, metrics),) = context["left_out"]
    assert (source.source_id, [metric.metric_id for metric in metrics]) == ("gso", ["GSO"])
    assert edition_context(Lookup(made_up))["affected"] == []


def test_sources_are_listed_with_their_terms(made_up: Board, site: Path) -> None:
    page = parsed(site / "sources.html")
    for source in made_up.sources:
        line = page.css_first(f"tr#{show.anchor(source.source_id)}")
        for said in (source.licence, source.attribution, source.status):
            assert said and said in line.text()


def test_the_map_counts_every_model(made_up: Board, site: Path) -> None:
    page = parsed(site / "missing.html")
    assert len(page.css(".map tbody tr")) == len(made_up.scoreboard)
    for line in page.css(".ranking tbody tr"):
        numbers = [int(cell.text() or 0) for cell in line.css("td")[1:]]
        assert sum(numbers) == len(made_up.scoreboard)


def test_hostile_names_are_text_on_every_page(tmp_path: Path) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", names=HOSTILE_NAMES))
    render_site(board, tmp_path / "site")
    for row in board.scoreboard:
        page = parsed(tmp_path / "site" / "models" / f"{row.slug}.html")
        assert page.css_first("h1").text() == row.display_name
        assert all(node.attributes.get("src") for node in page.css("script"))
    folders = {
        path.relative_to(tmp_path / "site").parts[0]
        for path in (tmp_path / "site").rglob("*.html")
        if path.parent != tmp_path / "site"
    }
    assert folders == {"boards", "models", "metrics"}


def test_every_page_renders_for_one_model_from_a_scoreboard_alone(tmp_path: Path) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", n_models=1, has_previous=False))
    render_site(board, tmp_path / "whole")
    write_scoreboard(board, tmp_path / "scoreboard.toml")
    render_site(read_scoreboard(tmp_path / "scoreboard.toml"), tmp_path / "alone")
    whole = {path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("*.html")}
    alone = {path.relative_to(tmp_path / "alone") for path in (tmp_path / "alone").rglob("*.html")}
    # Without coefficients nothing is known of metrics, nor of other days; every other page stands.
    assert {path.parts[0] for path in whole - alone} == {"metrics", "boards"}
    assert alone <= whole
    page = parsed(next((tmp_path / "alone" / "models").iterdir()))
    assert "does not contain the contributions" in page.css_first("main").text()
    # A site that does not know where it will stand gives no address to cite.
    for block in parsed(tmp_path / "whole" / "data.html").css("#cite ~ pre"):
        assert "https" not in block.text()


def test_a_score_leads_to_its_sum_with_the_place_it_has(made_up: Board, site: Path) -> None:
    evidence = {(entry.canonical_id, entry.role_id): entry for entry in made_up.role_evidence}
    seen = set()
    for row in made_up.scoreboard:
        page = parsed(site / "models" / f"{row.slug}.html")
        for role, link in zip(made_up.roles, page.css(".roles dd > a"), strict=True):
            own = evidence[row.canonical_id, role.role_id]
            caption = page.css_first(f"{link.attributes['href']} caption small").text()
            place = f"place {show.place_range(own)} of "
            assert caption.startswith(place if own.is_ranked else "provisional: no place")
            seen.add(own.status)
    assert seen == {"ranked", "provisional"}


def test_of_what_is_unknown_no_score_is_shown(made_up: Board, tmp_path: Path) -> None:
    row = made_up.scoreboard[0]
    nothing = dict.fromkeys(
        ("direct_share", "reported_share", "synthesised_share", "own_share"), 0.0
    ) | {"missing_share": 1.0, "status": "provisional", "place": None, "n_families": 0}
    board = dataclasses.replace(
        made_up,
        role_evidence=tuple(
            dataclasses.replace(entry, **nothing) if entry.canonical_id == row.canonical_id
            else entry
            for entry in made_up.role_evidence
        ),
        score_leads=tuple(
            lead for lead in made_up.score_leads
            if row.canonical_id not in (lead.canonical_id, lead.other_id)
        ),
    )  # fmt: skip
    lookup = Lookup(board)
    cells = next(entry for entry in index_context(lookup)["entries"] if entry.row is row).cells
    assert [(cell.shown, cell.words) for cell in cells] == [("–", UNKNOWN)] * 4
    models = json.loads(compare_context(lookup)["payload"])["models"]
    assert {slug for slug, _, _, stands, *_ in models if stands[0][4]} == {row.slug}


@pytest.mark.parametrize(
    ("shares", "percents"),
    [
        ([0.445, 0.445, 0.11, 0.0], [45, 44, 11, 0]),
        ([0.605, 0.205, 0.005, 0.185], [61, 21, 0, 18]),
        ([1.0, 0.0, 0.0, 1e-12], [100, 0, 0, 0]),
        ([1 / 3, 1 / 3, 1 / 3, 0.0], [34, 33, 33, 0]),
    ],
)
def test_percentages_of_a_whole_sum_to_100(shares: list[float], percents: list[int]) -> None:
    assert show.whole_percents(shares) == percents


COVER = "Measured or claimed results cover"


@pytest.mark.parametrize(
    ("own_share", "n_families", "words"),
    [
        (0.534, 4, f"{COVER} 53 % of the weight of Building (60 % needed)."),
        (0.5996, 4, f"{COVER} 59.9 % of the weight of Building (60 % needed)."),
        (
            0.9,
            1,
            f"{COVER} 90 % of the weight of Building, from 1 family of benchmarks (2 needed).",
        ),
        (
            0.0,
            0,
            f"{COVER} 0 % of the weight of Building (60 % needed), from no families of benchmarks",
        ),
    ],
)
def test_what_lacks_a_place_is_told_what_it_needs(
    made_up: Board, own_share: float, n_families: int, words: str
) -> None:
    entry = dataclasses.replace(
        made_up.role_evidence[0],
        own_share=own_share,
        n_families=n_families,
        n_possible_families=5,
        synthesised_share=0.0,
    )
    rules = {"ranked_minimum_share": 0.6, "ranked_minimum_families": 2}
    assert reason_words(entry, "Building", None, rules).startswith(words)


def test_a_model_page_lists_the_results_that_would_give_it_a_place(
    made_up: Board, lookup: Lookup, site: Path
) -> None:
    seen = set()
    for row in made_up.scoreboard:
        items = parsed(site / "models" / f"{row.slug}.html").css("ul.needs > li")
        roles = [
            role
            for role in made_up.roles
            if not lookup.evidence[row.canonical_id, role.role_id].is_ranked
        ]
        assert len(items) == len(roles)
        for role, item in zip(roles, items, strict=True):
            missing = lookup.missing_results[row.canonical_id, role.role_id]
            text = " ".join(item.text().split())
            told = ", ".join(
                f"{lookup.metric_name(entry.metric_id)} {show.pct(entry.added_share, 1)}"
                for entry in missing
            )
            assert text.endswith(
                f"{len(missing)} more results, all of them, would be enough for a place: {told}."
            )
            assert role.display_name in text
        seen.add(bool(items))
    assert seen == {True, False}


def test_badges_say_the_place_and_only_of_what_has_one(
    made_up: Board, lookup: Lookup, site: Path
) -> None:
    seen = set()
    for row in made_up.scoreboard:
        for role in made_up.roles:
            drawing = (site / "badges" / row.slug / f"{role.role_id}.svg").read_text("utf-8")
            own = lookup.evidence[row.canonical_id, role.role_id]
            of = lookup.ranked_counts[role.role_id]
            day = made_up.run.generated_at.strftime("%Y-%m-%d")
            said = (
                f"{show.place_range(own)} of {of}, {row.score_of(role):.0f} points, {day}"
                if own.is_ranked
                else f"not ranked, {day}"
            )
            assert f'aria-label="ipbr {role.display_name}: {said}"' in drawing
            seen.add(own.status)
    assert seen == {"ranked", "provisional"}


def test_the_heat_map_has_every_value(made_up: Board, lookup: Lookup, site: Path) -> None:
    page = parsed(site / "benchmarks.html")
    columns = [Path(link.attributes["href"]).stem for link in page.css(".heat thead a")]
    assert len(columns) > 20
    by_slug = {row.slug: row.canonical_id for row in made_up.scoreboard}
    lines = page.css(".heat tbody tr")
    assert len(lines) == len(by_slug)
    for line in lines:
        model = by_slug[Path(line.css_first("a").attributes["href"]).stem]
        for metric_id, cell in zip(columns, line.css("td"), strict=True):
            figure = lookup.measurements[model].get(metric_id)
            if figure is None:
                assert cell.text() == "·"
            else:
                assert cell.text() == f"{figure.value:.0f}"
                classes = cell.attributes["class"].split()
                assert f"h{min(9, int(figure.value // 10))}" in classes
                assert ("s" in classes) == (figure.evidence_class == "synthesised")
                assert ("c" in classes) == (figure.evidence_class == "reported")


@pytest.mark.parametrize(
    ("text", "name"),
    [("ARC_AGI_2", "ARC_AGI_2"), ("../../etc/x", "_2e__2e__2f__2e__2e__2f_etc_2f_x")],
)
def test_no_path_escapes(text: str, name: str) -> None:
    assert show.file_name(text) == name


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/x", True),
        ("http://a.example", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://[broken", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(address: str | None, expected: bool) -> None:
    assert is_link(address) is expected


@pytest.mark.parametrize(
    ("rank", "text"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd"), (113, "113th")],
)
def test_ordinals(rank: int, text: str) -> None:
    assert show.ordinal(rank) == text
