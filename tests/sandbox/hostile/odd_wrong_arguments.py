"""Takes another number of arguments at each call."""


class Square:
    def forward(self, *args, **kwargs):
        self.x = args[0]
        return self.x * self.x

    def backward(self, *args, **kwargs):
        return (args[0] * self.x,) * len(args)
