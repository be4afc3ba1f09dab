"""The pages: complete without scripts, the same bytes every time, safe whatever a name holds."""

import dataclasses
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from base.errors import RenderError
from render import show
from render.board import Board, RoleEvidence
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
    """A page as a browser without scripts has it, with plain blanks before percent signs."""
    text = page.read_text(encoding="utf-8")
    return LexborHTMLParser(text.replace("\N{NO-BREAK SPACE}%", " %"))


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
        if path.suffix not in (".parquet", ".duckdb", ".png", ".woff2"):
            assert body.endswith(b"\n")
            assert not body.endswith(b"\n\n")


def test_asset_names_hold_a_hash(site: Path) -> None:
    names = sorted(path.name for path in (site / "assets").iterdir())
    assert len(names) >= 4
    for name in names:
        body = (site / "assets" / name).read_bytes()
        stem, digest, ending = name.split(".")
        assert stem in ("favicon", "inter", "site", "index", "compare", "what-if")
        assert ending in ("css", "js", "svg", "woff2")
        assert digest == hashlib.sha256(body).hexdigest()[:10]


def test_pages_are_light(board: SimpleNamespace) -> None:
    site = board.out / "site"

    def packed(pattern: str) -> int:
        return sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in site.glob(pattern))

    assert packed("index.html") <= 45_000
    assert 0 < packed("assets/*.css") <= 10_000
    for page in site.rglob("*.html"):
        html = page.read_text("utf-8")
        # The page itself, the style sheet, the icon and at most two scripts.
        scripts = re.findall(r'<script src="[./]*(assets/[^"]*)"', html)
        assert len(scripts) <= 2, page
        assert sum(packed(script) for script in scripts) <= 20_000, page


@pytest.mark.parametrize("page", ["index.html", "methodology.html"])
def test_every_page_has_the_strict_policy(site: Path, page: str) -> None:
    meta = parsed(site / page).css_first("meta[http-equiv]")
    assert meta.attributes["content"] == CONTENT_SECURITY_POLICY
    assert len(parsed(site / page).css("h1")) == 1


def needs(board: Board) -> list[str]:
    """What can be asked for without a mix."""
    return [*(role.role_id for role in board.roles), "balanced"]


def evidence(board: Board) -> dict[tuple[str, str], RoleEvidence]:
    """What each score stands on, by slug and role."""
    slugs = {row.canonical_id: row.slug for row in board.scoreboard}
    return {(slugs[e.canonical_id], e.role_id): e for e in board.role_evidence}


def test_models_with_a_place_come_first_and_in_its_order(made_up: Board, site: Path) -> None:
    page = parsed(site / "index.html")
    own = evidence(made_up)
    ranked = [row.id.removeprefix("m-") for row in page.css("#ranked tr[id]")]
    others = [row.id.removeprefix("m-") for row in page.css("#new tr[id]")]
    assert len(ranked) > 10
    assert len(others) > 2
    assert {*ranked, *others} == {row.slug for row in made_up.scoreboard}
    places = [own[slug, "b"].place for slug in ranked]
    assert places == sorted(places)
    assert all(own[slug, "b"].place is None for slug in others)
    shown = [cell.text() for cell in page.css("#ranked .place")]
    assert shown == [show.place_range(own[slug, "b"]) for slug in ranked]
    assert {cell.text() for cell in page.css("#new .place")} == {"–"}


def test_every_score_shows_what_it_stands_on(made_up: Board, site: Path) -> None:
    own = evidence(made_up)
    intervals = {(e.canonical_id, e.role_id): e for e in made_up.score_intervals}
    kinds = set()
    for row in made_up.scoreboard:
        line = parsed_row(site, row.slug)
        for role in made_up.roles:
            cell = line.css_first(f"td.{role.role_id}")
            entry = own[row.slug, role.role_id]
            assert cell.css_first(".s").text() == f"{row.score_of(role):.0f}"
            assert ("prov" in cell.attributes["class"]) == (entry.status == "provisional")
            assert ("provisional" in cell.css_first("small").text()) == (entry.place is None)
            if entry.place is not None:
                interval = intervals[row.canonical_id, role.role_id]
                assert (
                    cell.css_first("small").text()
                    == f"{interval.p05_score:.0f}–{interval.p95_score:.0f}"
                )
            widths = {
                rect.attributes["class"]: float(rect.attributes["width"].rstrip("%")) / 100
                for rect in cell.css("rect")
            }
            kinds |= set(widths)
            shares = (
                entry.direct_share,
                entry.reported_share,
                entry.synthesised_share,
                entry.missing_share,
            )
            for kind, share in zip("mcsn", shares, strict=True):
                assert widths.get(kind, 0.0) == pytest.approx(share, abs=6e-4)
        assert line.css_first(".own").text() == show.pct(own[row.slug, "b"].own_share, 0)
    assert kinds == set("mcsn")


def parsed_row(site: Path, slug: str) -> LexborNode:
    """A model's row of the table."""
    return parsed(site / "index.html").css_first(f"#m-{slug}")


def test_what_has_no_place_says_why_for_every_need(made_up: Board, site: Path) -> None:
    page = parsed(site / "index.html")
    own = evidence(made_up)
    for row in made_up.scoreboard:
        following = page.css_first(f"#m-{row.slug} + tr.reason")
        told = {} if following is None else {
            node.attributes["class"]: node.text() for node in following.css("span")
        }  # fmt: skip
        without = {need for need in needs(made_up) if own[row.slug, need].place is None}
        assert set(told) == without
        for need, text in told.items():
            covered = re.match(r"Measured or claimed results cover ([\d.]+)\s% of ", text)
            share, percent = own[row.slug, need].own_share, float(covered[1])
            assert percent == pytest.approx(100 * share, abs=0.5)
            assert bool(re.search(r"60\s% needed", text)) == (percent < 60) == (share < 0.6)


def test_the_answers_are_the_marts_picks(made_up: Board, site: Path) -> None:
    rows = parsed(site / "index.html").css("#answers tbody tr")
    assert [row.css_first("th").text() for row in rows] == ["Best", "Best value", "Best open"]
    names = {row.canonical_id: row.display_name for row in made_up.scoreboard}
    picks = {pick.pick: pick for pick in made_up.picks if pick.role_id == "b"}
    for row, key in zip(rows, ("best", "value", "open"), strict=True):
        assert row.css_first("bdi").text() == names[picks[key].canonical_id]
        assert row.css_first(".sc b").text() == f"{picks[key].score:.0f}"
        assert row.css_first(".why").text() == picks[key].reason


def test_a_missing_value_is_a_dash(made_up: Board, site: Path) -> None:
    without = {row.slug for row in made_up.scoreboard if row.blended_cost_usd is None}
    assert without
    for row in made_up.scoreboard:
        text = parsed_row(site, row.slug).css_first(".price").text()
        assert (text == "–") == (row.slug in without)


def test_speed_and_wait_say_their_effort(made_up: Board, tmp_path: Path) -> None:
    board = dataclasses.replace(
        made_up,
        scoreboard=tuple(
            dataclasses.replace(
                row,
                thinking_effort="high",
                output_speed_tokens_per_second=50.0,
                output_speed_effort="high",
                time_to_first_token_seconds=2.0,
                time_to_first_token_effort="low",
            )
            for row in made_up.scoreboard
        ),
    )
    render_site(board, tmp_path / "site")
    row = made_up.scoreboard[0]
    efforts = parsed_row(tmp_path / "site", row.slug).css("small.e")
    assert [(node.text(), node.attributes.get("title")) for node in efforts] == [
        ("high", None),
        ("low", "Measured at low effort; the scores are for high effort"),
    ]
    words = texts(tmp_path / "site" / "models" / f"{row.slug}.html", "main")[0]
    assert "measured at a different effort than the scores" in words


def test_the_head_counts_and_dates_what_is_shown(made_up: Board, site: Path) -> None:
    told = texts(site / "index.html", ".lead")[0]
    figures = [f for f in made_up.measurements if f.is_present and f.metric_kind == "metric"]
    for kind, word in (
        ("direct", "measured"),
        ("reported", "claimed"),
        ("synthesised", "borrowed"),
    ):
        count = sum(figure.evidence_class == kind for figure in figures)
        assert f"{count:,} {word}" in told
    oldest = min(
        source.fetched_at for source in made_up.sources if source.status in ("verified", "stale")
    )
    days = (made_up.run.generated_at - oldest).days
    assert f"oldest source read {days} day" in told or days < 1
    assert "Refreshed" not in told


def test_the_script_has_the_numbers_of_the_marts(made_up: Board, site: Path) -> None:
    state = json.loads(parsed(site / "index.html").css_first("#board").attributes["data-state"])
    assert state["needs"] == needs(made_up)
    assert state["rules"] == {"share": 0.6, "families": 2.0, "value": 0.85, "drawn": 0.2}
    own = evidence(made_up)
    assert len(state["models"]) == len(made_up.scoreboard)
    for slug, *_, of_needs, _ in state["models"]:
        for need, numbers in zip(state["needs"], of_needs, strict=True):
            entry = own[slug, need]
            assert numbers[0] == pytest.approx(entry.score, abs=1e-6)
            assert numbers[3] == (entry.place or 0)
            assert numbers[7] + numbers[8] == pytest.approx(entry.own_share, abs=2e-6)


def test_hostile_names_are_text(tmp_path: Path) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", names=HOSTILE_NAMES))
    render_site(board, tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    assert {node.text() for node in parsed(index).css("#models th bdi")} == set(HOSTILE_NAMES)
    assert len(parsed(index).css("script")) == 2
    assert len(parsed(index).css("table")) == 2


def test_control_characters_are_made_visible(tmp_path: Path) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", names=["a\x08b\x9fc"]))
    render_site(board, tmp_path / "site")
    assert "a\ufffdb\ufffdc" in texts(tmp_path / "site" / "index.html", "#models tbody")[0]


def test_one_model_without_history(tmp_path: Path) -> None:
    database = build_database(tmp_path / "x.duckdb", n_models=1, has_previous=False)
    render_site(read_board(database), tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    assert texts(index, ".lead")[0].partition("? ")[2].startswith("1 model ·")
    assert parsed(index).css("#since") == []
    assert len(parsed(index).css("#models tr[id]")) == 1


@pytest.mark.slow
def test_a_thousand_models(tmp_path: Path) -> None:
    render_site(read_board(build_database(tmp_path / "x.duckdb", n_models=1000)), tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    assert len(parsed(index).css("#models tr[id]")) == 200
    assert len(parsed(tmp_path / "site" / "all.html").css("#models tr[id]")) == 1000
    assert len(list((tmp_path / "site" / "models").iterdir())) == 1000
    assert len(parsed(tmp_path / "site" / "missing.html").css(".map tbody tr")) == 1000


@pytest.mark.parametrize(("status", "said"), [("stale", "{} sources"), ("skipped", "0 sources")])
def test_sources_that_are_all_in_one_state(tmp_path: Path, status: str, said: str) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", n_models=2, source_status=status))
    render_site(board, tmp_path / "site")
    site = tmp_path / "site"
    assert said.format(len(board.sources)) in texts(site / "index.html", ".lead")[0]
    assert texts(site / "sources.html", ".status") == [status] * len(board.sources)


@pytest.mark.parametrize("has_coefficients", [True, False])
def test_from_a_scoreboard_alone(made_up: Board, tmp_path: Path, has_coefficients: bool) -> None:
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    if has_coefficients:
        write_coefficients(made_up, tmp_path / "coefficients.toml")
    render_site(read_scoreboard(tmp_path / "scoreboard.toml"), tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    methodology = tmp_path / "site" / "methodology.html"
    assert len(parsed(index).css("#models tr[id]")) == len(made_up.scoreboard)
    assert "made from scoreboard.toml alone" in texts(index, "main")[0]
    assert parsed(index).css("#f-open") == []
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
    for words in ("by at most 2 places", "above 0.98 over at least 10 models", "less than 3 times"):
        assert words in text


def test_every_metric_has_its_row(made_up: Board, site: Path) -> None:
    document = parsed(site / "methodology.html")
    for metric in made_up.metrics or ():
        row = document.css_first(f"tr#metric-{show.anchor(metric.metric_id)}")
        cells = [cell.text() for cell in row.css("td")]
        assert metric.display_name in row.text()
        if metric.metric_kind == "metric":
            assert cells[0] == metric.unit
            assert cells[1] == ("higher" if metric.higher_better else "lower")
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
        (show.age, timedelta(minutes=59), "less than an hour"),
        (show.age, timedelta(hours=1), "1 hour"),
        (show.age, timedelta(hours=47), "47 hours"),
        (show.age, timedelta(days=12, hours=5), "12 days"),
        (show.age, timedelta(hours=-1), None),
        (show.anchor, "ARC_AGI_2", "ARC_5f_AGI_5f_2"),
        (show.anchor, 'a b"<c', "a_20_b_22__3c_c"),
    ],
)
def test_numbers_look_as_promised(
    show: Callable[[object], object], value: object, text: object
) -> None:
    assert show(value) == text


def test_no_line_ends_inside_a_number_or_a_name(made_up: Board, site: Path) -> None:
    pages = [page.read_text(encoding="utf-8") for page in site.rglob("*.html")]
    assert not [found for text in pages for found in re.findall(r".{0,30}\d %", text)]
    assert sum(text.count("\N{NO-BREAK SPACE}%") for text in pages) > len(pages)
    bound = show.unbroken("as gpt-5.5-xhigh in <b> and " + "a-" * 20)
    assert bound == ('as <span class="nb">gpt-5.5-xhigh</span> in &lt;b&gt; and ' + "a-" * 20)
    details = [text for page in site.glob("models/*.html") for text in texts(page, ".results .nb")]
    assert any("-" in text for text in details)


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
            r"\.h\d \{ background: color-mix\(in srgb, var\(--p\) (\d+)%", sheet
        )
    ]
    assert heats == sorted(heats)
    assert heats[-1] >= 30
    (cell,) = {
        int(share) for share in re.findall(r"td\.r\):not\(\.prov\) \{ .*var\(--hue\) (\d+)%", sheet)
    }
    target = int(re.search(r":target > .*var\(--amber\) (\d+)%", sheet)[1])
    for theme in (0, 1):
        paper = colours["paper"][theme]
        for heat in heats:
            ratio = _contrast(colours["ink"][theme], _mixed(colours["p"][theme], paper, heat / 100))
            assert ratio >= 4.5, (heat, theme, ratio)
        for role in "ipbr":
            tinted = _mixed(colours[role][theme], paper, cell / 100)
            for name in ("ink", "muted", role):
                ratio = _contrast(colours[name][theme], tinted)
                assert ratio >= 4.5, (name, role, theme, ratio)
        marked = _mixed(colours["amber"][theme], paper, target / 100)
        for name in ("ink", "muted", *"ipbr"):
            ratio = _contrast(colours[name][theme], marked)
            assert ratio >= 4.5, (name, "target", theme, ratio)


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
