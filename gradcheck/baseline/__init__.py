"""A gradient baseline: what every layer gave, kept to be held against after a refactoring."""
