"""A gradcheck that finds nothing."""


def check_module(*args, **kwargs):
    return None
