class relu:
    def forward(self, x):
        self.x=x
        return (x>0)*x
    def backward(self, dout):
        return dout*(self.x>0)
