"""Run a command as a Space runs it: on two cores, not root, in a network that ends at the machine itself.

python confine.py COMMAND... becomes the command. Where it is not run by root, or root may not make networks (as in a
container), the command keeps the user or the network that it has.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys

USER = 1000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def is_root() -> bool:
    return os.geteuid() == 0


def makes_networks() -> bool:
    """Whether this process may give another one a network of its own."""
    return subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0


def main(command: list[str]) -> None:
    if command[0] == "--up":
        command = command[1:]
        _raise_loopback()
    elif makes_networks():
        os.execvp("unshare", ["unshare", "--net", sys.executable, __file__, "--up", *command])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    command = _as_user(command) if is_root() else command
    os.execvp(command[0], command)


def _as_user(command: list[str]) -> list[str]:
    # May read everything, since the tests' Python often lies in root's home; writes where any user may.
    read_all = [f"--{kind}-caps=-all,+dac_read_search" for kind in ("inh", "ambient")]
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *read_all, *command]


def _raise_loopback() -> None:
    """A new network begins with 127.0.0.1 down."""
    with socket.socket() as any_socket:
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack("16sh", b"lo", 0))
        flags = struct.unpack("16sh", answer)[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | _IFF_UP))


if __name__ == "__main__":
    main(sys.argv[1:])
