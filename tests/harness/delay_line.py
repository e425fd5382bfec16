"""A cable between two network namespaces that takes its time: delay_line.py SPACE SPACE DEVICE MILLISECONDS

Each namespace gets a TUN device of that name; what is sent into one comes out of the other so much later. Says "ready",
and ends with its standard input. Where the kernel has netem this is one line of tc; not each has.
"""

import ctypes
import fcntl
import os
import select
import struct
import sys
import time
from collections import deque

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 1, 0x1000


def device(space, name):
    with open(f"/run/netns/{space}") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), space)
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH14x", name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


def main():
    *spaces, name, milliseconds = sys.argv[1:]
    ends = [device(space, name) for space in spaces]
    waiting = {ends[0]: deque(), ends[1]: deque()}  # what is to come out there, and when
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    print("ready", flush=True)
    while True:
        due = min((queue[0][0] for queue in waiting.values() if queue), default=None)
        timeout = None if due is None else max(0.0, due - time.monotonic())
        readable, _, _ = select.select([*ends, sys.stdin], [], [], timeout)
        if sys.stdin in readable:
            return
        for end in readable:
            packet = os.read(end, 65536)
            waiting[other[end]].append((time.monotonic() + float(milliseconds) / 1000, packet))
        for end, queue in waiting.items():
            while queue and queue[0][0] <= time.monotonic():
                try:
                    os.write(end, queue.popleft()[1])
                except OSError:  # the device is down
                    pass


main()
