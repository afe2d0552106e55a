"""A module in a package of the hand-in."""


def two():
    return 2.0
