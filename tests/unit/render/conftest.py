"""A board of made-up figures, built once."""

from pathlib import Path

import pytest

from render.board import Board
from render.build import render_site
from render.from_marts import read_board
from tests.support.made_up import N_MODELS, SITE_URL, build_database


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up marts of some of the project's own models. Read only."""
    folder = tmp_path_factory.mktemp("marts")
    return build_database(folder / "made_up.duckdb", n_models=N_MODELS)


@pytest.fixture(scope="session")
def made_up(database: Path) -> Board:
    """The board those marts hold."""
    return read_board(database)


@pytest.fixture(scope="session")
def site(made_up: Board, database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site of the made-up board, with its database and an address. Read only."""
    folder = tmp_path_factory.mktemp("pages") / "site"
    render_site(made_up, folder, database=database, site_url=SITE_URL)
    return folder
