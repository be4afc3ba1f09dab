"""The pages: complete without scripts, the same bytes every time, safe whatever a name holds."""

import dataclasses
import gzip
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from base.errors import RenderError
from render import show
from render.board import Board
from render.build import (
    CONTENT_SECURITY_POLICY,
    render_site,
)
from render.files.toml import write_coefficients, write_scoreboard
from render.from_marts import read_board
from render.from_scoreboard import read_scoreboard
from render.lookup import Lookup, weight_tables
from tests.support.made_up import HOSTILE_NAMES, build_database


def parsed(page: Path) -> LexborHTMLParser:
    """A page as a browser without scripts has it."""
    return LexborHTMLParser(page.read_text(encoding="utf-8"))


def texts(page: Path, selector: str) -> list[str]:
    """The visible text of every element that a selector finds."""
    return [" ".join(node.text().split()) for node in parsed(page).css(selector)]


def test_the_bytes_depend_on_the_board_alone(
    made_up: Board, database: Path, site: Path, tmp_path: Path
) -> None:
    written = render_site(
        made_up, tmp_path / "again", database=database, site_url="https://ipbr.example/board/"
    )
    assert [path.relative_to(tmp_path / "again") for path in written] == [
        path.relative_to(site) for path in sorted(site.rglob("*")) if path.is_file()
    ]
    for path in written:
        body = path.read_bytes()
        assert body == (site / path.relative_to(tmp_path / "again")).read_bytes()
        if path.suffix not in (".parquet", ".duckdb", ".png"):
            assert body.endswith(b"\n")
            assert not body.endswith(b"\n\n")


def test_asset_names_hold_a_hash(site: Path) -> None:
    names = sorted(path.name for path in (site / "assets").iterdir())
    assert len(names) >= 4
    for name in names:
        body = (site / "assets" / name).read_bytes()
        stem, digest, ending = name.split(".")
        assert stem in ("favicon", "site", "compare", "what-if")
        assert ending in ("css", "js", "svg")
        assert digest == hashlib.sha256(body).hexdigest()[:10]


def test_pages_are_light(site: Path) -> None:
    def packed(pattern: str) -> int:
        return sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in site.glob(pattern))

    assert packed("index.html") <= 35_000
    assert 0 < packed("assets/*.css") <= 10_000
    assert 0 < packed("assets/*.js") <= 15_000
    for page in site.rglob("*.html"):
        html = page.read_text("utf-8")
        # The page itself, the style sheet, the icon and at most two scripts.
        assert html.count("<script ") <= 2, page


@pytest.mark.parametrize("page", ["index.html", "methodology.html"])
def test_every_page_has_the_strict_policy(site: Path, page: str) -> None:
    meta = parsed(site / page).css_first("meta[http-equiv]")
    assert meta.attributes["content"] == CONTENT_SECURITY_POLICY
    assert len(parsed(site / page).css("h1")) == 1


def test_the_table_is_complete_and_sorted_by_balanced_rank(made_up: Board, site: Path) -> None:
    rows = parsed(site / "index.html").css("#models tbody tr")
    expected = sorted(made_up.scoreboard, key=lambda row: (row.balanced_rank, row.canonical_id))
    assert len(rows) == len(expected) > 40
    for node, row in zip(rows, expected, strict=True):
        assert node.css_first("th bdi").text() == row.display_name
        scores = [cell.attributes["data-v"] for cell in node.css("td.i, td.p, td.b, td.r")]
        assert scores == [f"{value:.6f}" for value in (row.i_raw, row.p_raw, row.b_raw, row.r)]
        ranks = [
            cell.css_first("small").text(deep=False).strip()
            for cell in node.css("td.i, td.p, td.b, td.r")
        ]
        assert ranks == [str(rank) for rank in (row.i_rank, row.p_rank, row.b_rank, row.r_rank)]


def test_every_score_of_the_table_has_its_interval(site: Path, made_up: Board) -> None:
    intervals = {
        (interval.canonical_id, interval.role_id): interval for interval in made_up.score_intervals
    }
    cells = 0
    for row in parsed(site / "index.html").css("#models tbody tr"):
        for role in made_up.roles:
            interval = intervals[row.attributes["data-id"], role.role_id]
            cell = row.css_first(f"td.{role.role_id}")
            low, high = cell.css_first(".whisker").attributes["d"].removeprefix("M").split(" 2H")
            assert abs(float(low) - interval.p05_score) <= 0.005
            assert abs(float(high) - interval.p95_score) <= 0.005
            assert cell.attributes["title"].endswith(f"tier {interval.tier}")
            cells += 1
    assert cells == len(made_up.score_intervals) > 100


def test_every_score_of_the_table_has_its_tier(site: Path, made_up: Board) -> None:
    tiers = {(entry.canonical_id, entry.role_id): entry.tier for entry in made_up.score_intervals}
    rows = parsed(site / "index.html").css("#models tbody tr")
    assert len(rows) > 40
    for row in rows:
        for role in made_up.roles:
            mark = row.css_first(f"td.{role.role_id} small i").text()
            assert mark == f"T{tiers[row.attributes['data-id'], role.role_id]}"


def test_a_rule_among_the_leaders_where_a_tier_begins(made_up: Board, tmp_path: Path) -> None:
    ranks = {(entry.canonical_id, entry.role_id): entry.rank for entry in made_up.role_scores}
    # The third shares the leader's tier, the second does not.
    intervals = tuple(
        dataclasses.replace(entry, tier=2 if ranks[entry.canonical_id, entry.role_id] == 2 else 1)
        for entry in made_up.score_intervals
    )
    render_site(dataclasses.replace(made_up, score_intervals=intervals), tmp_path / "site")
    leaders = parsed(tmp_path / "site" / "index.html").css(".leader li")
    assert len(leaders) == 12
    for number, leader in enumerate(leaders):
        assert (leader.attributes.get("class") == "edge") == (number % 3 == 1)
        tier = 2 if number % 3 == 1 else 1
        assert f", tier {tier}" in leader.css_first("b").text()


def test_a_missing_figure_is_a_dash(made_up: Board, site: Path) -> None:
    without = sum(row.blended_cost_usd is None for row in made_up.scoreboard)
    assert without > 0
    index = [
        head.attributes.get("data-sort") for head in parsed(site / "index.html").css("thead th")
    ]
    prices = [
        row.css("th, td")[index.index("price")]
        for row in parsed(site / "index.html").css("#models tbody tr")
    ]
    assert sum(cell.text() == "–" for cell in prices) == without
    assert all((cell.text() == "–") == (cell.attributes["data-v"] in ("", None)) for cell in prices)


def test_three_leaders_per_role_with_their_change(made_up: Board, site: Path) -> None:
    columns = parsed(site / "index.html").css(".leader")
    assert len(columns) == 4
    names = {row.canonical_id: row.display_name for row in made_up.scoreboard}
    for role, column in zip(made_up.roles, columns, strict=True):
        first = sorted(
            (score for score in made_up.role_scores if score.role_id == role.role_id),
            key=lambda score: score.rank,
        )[:3]
        assert [node.text() for node in column.css("bdi")] == [
            names[score.canonical_id] for score in first
        ]
        for item, score in zip(column.css("li"), first, strict=True):
            change = item.css_first(".change")
            if score.previous_rank is None:
                assert change.attributes["title"] == "not on the board before"
            elif score.rank_change == 0:
                assert change is None
            else:
                direction = "up" if score.rank_change > 0 else "down"
                assert change.attributes["title"].startswith(direction)


def test_a_cell_is_tinted_by_its_score(site: Path) -> None:
    seen = set()
    for cell in parsed(site / "index.html").css("#models tbody td[class]"):
        heat = re.search(r" h(\d)", cell.attributes["class"])
        if heat:
            seen.add(heat.group(1))
            assert int(heat.group(1)) == min(9, int(float(cell.attributes["data-v"]) / 10))
    assert len(seen) > 5


def test_the_radar_draws_the_first_three(made_up: Board, site: Path) -> None:
    figure = parsed(site / "index.html").css_first(".radar")
    first = sorted(made_up.scoreboard, key=lambda row: (row.balanced_rank, row.canonical_id))[:3]
    assert [node.text() for node in figure.css("li bdi")] == [row.display_name for row in first]
    words = figure.css_first("svg[role=img]").attributes["aria-label"].split("; ")
    centre, rim = map(int, re.findall(r"\d+", figure.css_first("small").text()))
    assert rim == 100
    lines = figure.css("svg[role=img] g")
    # Told apart by the kind of line, which the list repeats.
    kinds = [line.attributes["class"] for line in lines]
    assert len(set(kinds)) == 3
    assert [node.attributes["class"] for node in figure.css("li svg")] == kinds
    for row, said, line in zip(first, words, lines, strict=True):
        scores = [row.i_raw, row.p_raw, row.b_raw, row.r]
        doubt = ", mostly synthesised" if row.synthesis_dominant else ""
        assert said.startswith(f"{row.display_name}{doubt}: Idea {row.i_raw:.1f}, ")
        corners = [
            (float(node.attributes["cx"]) - 92, float(node.attributes["cy"]) - 86)
            for node in line.css("circle")
        ]
        for score, (x, y) in zip(scores, corners, strict=True):
            reach = (x * x + y * y) ** 0.5 / 68
            assert centre + reach * (100 - centre) == pytest.approx(score, abs=0.02)


def test_every_source_has_status_attribution_and_link(made_up: Board, site: Path) -> None:
    items = parsed(site / "index.html").css(".sources li")
    assert len(items) == len(made_up.sources)
    for item, source in zip(items, made_up.sources, strict=True):
        assert source.attribution in item.text()
        assert source.status in item.text()
        if source.home_page:
            assert item.css_first("a").attributes["href"] == source.home_page
    assert "2 sources not current" in texts(site / "index.html", ".lead")[0]


def test_hostile_names_are_text(tmp_path: Path) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", names=HOSTILE_NAMES))
    render_site(board, tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    assert {node.text() for node in parsed(index).css("#models th bdi")} == set(HOSTILE_NAMES)
    assert len(parsed(index).css("script")) == 1
    assert len(parsed(index).css("table")) == 1


def test_control_characters_are_made_visible(tmp_path: Path) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", names=["a\x08b\x9fc"]))
    render_site(board, tmp_path / "site")
    assert "a\ufffdb\ufffdc" in texts(tmp_path / "site" / "index.html", "#models tbody")[0]


def test_one_model_without_history(tmp_path: Path) -> None:
    database = build_database(tmp_path / "x.duckdb", n_models=1, has_previous=False)
    render_site(read_board(database), tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    assert "1 language model," in texts(index, ".lead")[0]
    assert parsed(index).css(".change") == []
    assert len(parsed(index).css(".leader li")) == 4
    assert len(parsed(index).css(".radar g")) == 1
    assert "once there is an earlier board" in texts(index, ".read")[0]


@pytest.mark.slow
def test_a_thousand_models(tmp_path: Path) -> None:
    render_site(read_board(build_database(tmp_path / "x.duckdb", n_models=1000)), tmp_path / "site")
    assert len(parsed(tmp_path / "site" / "index.html").css("#models tbody tr")) == 1000
    assert len(list((tmp_path / "site" / "models").iterdir())) == 1000
    assert len(parsed(tmp_path / "site" / "missing.html").css(".map tbody tr")) == 1000


@pytest.mark.parametrize(
    ("status", "said"), [("stale", "{} sources not current"), ("skipped", "0 sources")]
)
def test_sources_that_are_all_in_one_state(tmp_path: Path, status: str, said: str) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", n_models=2, source_status=status))
    render_site(board, tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    assert said.format(len(board.sources)) in texts(index, ".lead")[0]
    assert texts(index, ".sources .status") == [status] * len(board.sources)


@pytest.mark.parametrize("has_coefficients", [True, False])
def test_from_a_scoreboard_alone(made_up: Board, tmp_path: Path, has_coefficients: bool) -> None:
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    if has_coefficients:
        write_coefficients(made_up, tmp_path / "coefficients.toml")
    render_site(read_scoreboard(tmp_path / "scoreboard.toml"), tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    methodology = tmp_path / "site" / "methodology.html"
    assert len(parsed(index).css("#models tbody tr")) == len(made_up.scoreboard)
    assert "made from scoreboard.toml alone" in texts(index, ".read")[0]
    assert parsed(index).css("#f-open") == []
    assert bool(parsed(index).css("#f-coverage")) is has_coefficients
    assert bool(parsed(methodology).css("#group-BUILD")) is has_coefficients
    assert "A worked example needs the contributions" in texts(methodology, "main")[0]
    assert ("weights, thresholds" in texts(methodology, "main")[0]) is not has_coefficients


def test_a_folder_with_files_is_not_touched(made_up: Board, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RenderError, match="is not empty"):
        render_site(made_up, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_board_without_models_is_no_site(made_up: Board, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="the board has no model"):
        render_site(dataclasses.replace(made_up, scoreboard=()), tmp_path / "site")
    assert not (tmp_path / "site").exists()


# The methodology


def test_every_weight_is_on_the_methodology_page(made_up: Board, site: Path) -> None:
    document = parsed(site / "methodology.html")
    prefixes = {"role": "role-", "group": "group-", "composite": "composite-"}
    seen = 0
    for weight in made_up.weights or ():
        table = document.css_first(
            f"#{prefixes[weight.weight_kind]}{show.anchor(weight.parent_id)}"
        )
        targets = [
            row.css_first("a").attributes["href"].partition("-")[2] for row in table.css("tbody tr")
        ]
        row = table.css("tbody tr")[targets.index(show.anchor(weight.child_id))]
        assert row.css_first("td").text() == show.pct(weight.weight)
        seen += 1
    assert seen > 60


def test_every_setting_is_on_the_methodology_page(made_up: Board, site: Path) -> None:
    text = texts(site / "methodology.html", "main")[0]
    values = {setting.setting_id: setting.value for setting in made_up.settings or ()}
    assert len(values) == 6
    for setting_id, value in values.items():
        shown = f"= {value:g}" if setting_id == "aggregation.trust_threshold" else show.pct(value)
        if setting_id == "aggregation.trust_transition_width":
            shown = f"/ {value:g}, cut"
        assert shown in text, setting_id


def test_every_threshold_is_on_the_methodology_page(made_up: Board, site: Path) -> None:
    document = parsed(site / "methodology.html")
    for threshold in made_up.thresholds:
        row = document.css_first(f"#threshold-{show.anchor(threshold.threshold_id)}")
        assert row.css_first("b").text() == f"{threshold.value:g} {threshold.unit}"
        assert row.css_first("dd").text() == f"{threshold.reason}."
    text = " ".join(document.css_first("main").text().split())
    for words in ("more than 2 places", "above 0.98 over at least 10 models", "fewer than 3 stan"):
        assert words in text


def test_every_metric_has_its_row(made_up: Board, site: Path) -> None:
    document = parsed(site / "methodology.html")
    for metric in made_up.metrics or ():
        row = document.css_first(f"tr#metric-{show.anchor(metric.metric_id)}")
        cells = [cell.text() for cell in row.css("td")]
        assert metric.display_name in row.text()
        if metric.metric_kind == "metric":
            assert cells[0] == metric.unit
            assert cells[1] == ("more" if metric.higher_better else "less")
            assert cells[3] == str(metric.baseline_count)


def test_bounds_are_shown_in_the_metrics_own_unit(made_up: Board, site: Path) -> None:
    """The price that is worth 100 is the lower one, and neither is a logarithm."""
    row = parsed(site / "methodology.html").css_first("tr#metric-BlendedCost")
    zero_at, hundred_at = (float(cell.text()) for cell in row.css("td")[4:6])
    prices = sorted(row.blended_cost_usd for row in made_up.scoreboard if row.blended_cost_usd)
    assert prices[0] <= hundred_at < zero_at <= prices[-1] * 1.001


def test_the_shares_of_a_role_end_at_metrics_in_full(made_up: Board) -> None:
    shares = Lookup(made_up).shares
    composites = {parent_id for parent_id, _ in weight_tables(made_up)["composite"]}
    for role in made_up.roles:
        total = sum(
            by_role[role.role_id]
            for metric_id, by_role in shares.items()
            if metric_id not in composites
        )
        assert total == pytest.approx(1)
    assert shares["SWERebench"]["b"] == pytest.approx(0.84 * 0.31 * 0.40)
    assert shares["LMArenaText"]["i"] == pytest.approx(0.62 * 0.35 + 0.30 * 0.21)


def test_the_sums_of_the_worked_example_are_right(site: Path) -> None:
    tables = parsed(site / "methodology.html").css("table.sum")
    assert len(tables) == 3
    totals, columns = [], []
    for table in tables:
        parts = [float(row.css("td")[-1].text()) for row in table.css("tbody tr")]
        totals.append(table.css_first("tfoot tr").css("td")[-1].text())
        columns.append([row.css("td")[-2].text() for row in table.css("tbody tr")])
        assert sum(parts) == pytest.approx(float(totals[-1]), abs=0.0005 * (len(parts) + 1))
    # The composite is a line of the group, the group a line of the role.
    assert totals[0] in columns[1]
    assert totals[1] in columns[2]


def test_listed_models_without_figures_are_named(site: Path) -> None:
    assert "Listed but Unranked" in texts(site / "methodology.html", "main")[0]


# Numbers and names


@pytest.mark.parametrize(
    ("show", "value", "text"),
    [
        (lambda value: show.number(value, 1), 78.4499, "78.4"),
        (lambda value: show.number(value, 1), -0.04, "0.0"),
        (lambda value: show.number(value, 0), 1180, "1,180"),
        (lambda value: show.number(value, 2), None, "–"),
        (show.figure, 1500.2551859283258, "1,500.26"),
        (show.figure, 0.000123456789, "0.000123457"),
        (show.figure, 0, "0"),
        (show.figure, -3.5, "-3.5"),
        (show.figure, 1_048_576.0, "1,048,576"),
        (show.figure, None, "–"),
        (show.decimals_of, [62.7272, 59.9, 53, 4.1], 1),
        (show.decimals_of, [0.175, 1.4375, 67.5], 2),
        (show.decimals_of, [1500.25, 1100.5, 0], 0),
        (show.decimals_of, [200_000, 7], 0),
        (show.decimals_of, [], 0),
        (show.tokens, 128_000, "128k"),
        (show.tokens, 999_600, "1M"),
        (show.tokens, 1_048_576, "1.05M"),
        (show.tokens, 512, "512"),
        (show.tokens, None, "–"),
        (show.pct, 0.155, "15.5 %"),
        (show.pct, 0.07, "7 %"),
        (show.pct, None, "–"),
        (lambda value: show.pct(value, 0), 0.8749, "87 %"),
        (show.age, timedelta(minutes=59), "0 h"),
        (show.age, timedelta(hours=47), "47 h"),
        (show.age, timedelta(days=12, hours=5), "12 d"),
        (show.age, timedelta(hours=-1), None),
        (show.anchor, "ARC_AGI_2", "ARC_5f_AGI_5f_2"),
        (show.anchor, 'a b"<c', "a_20_b_22__3c_c"),
    ],
)
def test_numbers_look_as_promised(
    show: Callable[[object], object], value: object, text: object
) -> None:
    assert show(value) == text


def test_colours_have_enough_contrast(site: Path) -> None:
    """Text 4.5 to 1 and marks 3 to 1, in both themes, on the page and on a marked row."""
    sheet = next((site / "assets").glob("*.css")).read_text(encoding="utf-8")
    colours = {
        name: (light, dark)
        for name, light, dark in re.findall(r"--([a-z]+): light-dark\((#\w+), (#\w+)\)", sheet)
    }
    for theme in (0, 1):
        for paper in ("paper", "row"):
            for name in ("ink", "muted", "i", "p", "b", "r"):
                ratio = _contrast(colours[name][theme], colours[paper][theme])
                assert ratio >= 4.5, (name, paper, theme, ratio)
        for paper in ("paper", "track"):
            for name in ("grey", "i", "p", "b", "r"):
                ratio = _contrast(colours[name][theme], colours[paper][theme])
                assert ratio >= 3, (name, paper, theme, ratio)


def test_words_keep_their_contrast_on_every_tint(site: Path) -> None:
    sheet = next((site / "assets").glob("*.css")).read_text(encoding="utf-8")
    colours = {
        name: (light, dark)
        for name, light, dark in re.findall(r"--([a-z]+): light-dark\((#\w+), (#\w+)\)", sheet)
    }
    heats = [
        int(share)
        for share in re.findall(
            r"\.h\d \{ background: color-mix\(in srgb, var\(--hue\) (\d+)%", sheet
        )
    ]
    assert heats == sorted(heats)
    assert heats[-1] >= 10
    for theme in (0, 1):
        for under in ("paper", "row"):
            for role in "ipbr":
                hue, paper = colours[role][theme], colours[under][theme]
                tinted = _mixed(hue, paper, heats[-1] / 100)
                for name in ("ink", "muted", role):
                    ratio = _contrast(colours[name][theme], tinted)
                    assert ratio >= 4.5, (name, role, under, theme, ratio)


def _mixed(one: str, other: str, share: float) -> str:
    """What `color-mix(in srgb, one share, other)` gives."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [channel / 255 for channel in _channels(colour)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> list[int]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    return [int(digits[place : place + 2], 16) for place in (0, 2, 4)]
