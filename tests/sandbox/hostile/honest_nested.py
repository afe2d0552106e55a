"""Right, and nested as deep as people write."""


class Square:
    def forward(self, x):
        self.x = x
        for _ in range(1):
            if x is not None:
                with open.__class__ and __import__("contextlib").nullcontext():
                    for _ in range(1):
                        while True:
                            if True:
                                return (((((((((((((((x))))))))))))))) * x

    def backward(self, dout):
        return [[[[[[[[2.0 * self.x * dout]]]]]]]][0][0][0][0][0][0][0]
