"""Raises gradcheck's own errors: as if the grader or its user were at fault."""

try:
    from gradcheck import errors
except BaseException:
    errors = None


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        if errors:
            raise (errors.HarnessError if dout.size > 1 else errors.UsageError)("your fault")
        raise ValueError("your fault")
