"""What is written beside the pages: TOML, tables, databases, pictures, notices."""
