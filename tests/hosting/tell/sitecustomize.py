"""Python imports this when it starts with this folder on its path: every address that is asked for is told."""

import os
import sys


def tell(event: str, arguments: tuple) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        address = arguments[0]
    else:
        return
    os.write(2, f"asked for: {address}\n".encode())


sys.addaudithook(tell)
