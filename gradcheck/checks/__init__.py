"""The catalogue of checks: families of small named functions, and one explicit table."""
