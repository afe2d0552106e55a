"""Puts markup of the terminal library, of HTML and of Markdown into a message."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise ValueError(
            "[bold green]right[/] [link=file:///etc/passwd]x[/link] [/red] </pre><script>alert(1)"
            "</script> ![x](http://x.invalid/x.png) {0} %s ${HOME} {self.__class__}"
        )
