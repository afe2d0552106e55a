"""A confined process that answers forward and backward, and the grader's side of it."""
