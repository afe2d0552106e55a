"""Works on a list to which it appends."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        rows = list(dout)
        for row in rows:
            rows.append(row)
        return dout
