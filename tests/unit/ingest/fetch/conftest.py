"""No test of fetching leaves a secret behind."""

import pytest


@pytest.fixture(autouse=True)
def checked(no_secret_is_left: None) -> None:
    """Looks for secrets after every test of this folder."""
