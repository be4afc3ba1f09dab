"""Landing: cached responses and past boards as tables of the schema raw."""
