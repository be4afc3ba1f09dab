"""What everything that talks to DuckDB shares: a text within SQL, an error within a message."""


def literal(value: object) -> str:
    """A text or path as SQL writes it, for statements that take no parameters, such as attach."""
    return "'" + str(value).replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """DuckDB's message without the statement it quotes below."""
    return str(error).strip().split("\n", 1)[0]
