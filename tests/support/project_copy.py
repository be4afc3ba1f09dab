"""A copy of the project that a test may change."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = (
    *(
        "base",
        "ipbr_rank",
        "ingest",
        "render",
        "models",
        "macros",
        "seeds",
        "scripts",
        "docs",
        "tests",
    ),
    *("data/fixtures", "dbt_project.yml", "profiles.yml", "selectors.yml", ".sqlfluff"),
    *("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", "LICENSE", "requirements.lock"),
    *("CONTRIBUTING.md", "SECURITY.md", "requirements-dev.lock"),
)


def copy_project(folder: Path) -> Path:
    """The project without what runs have written."""
    copy = folder / "project"
    for name in PARTS:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.duckdb*")
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        else:
            shutil.copy2(ROOT / name, copy / name)
    for path in (ROOT / "data").glob("*.toml"):
        shutil.copy2(path, copy / "data" / path.name)
    return copy
