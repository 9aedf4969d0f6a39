# A parent that does not wait for its child: it collects only when it is sent SIGCHLD once more.

import os
import signal
import sys

child = os.fork()
if child == 0:
    os._exit(0)

# From here on the child is a zombie. Its own end has already been signalled.
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
signal.signal(signal.SIGCHLD, lambda *_: (os.waitpid(child, 0), print("collected", flush=True), sys.exit(0)))
print(child, flush=True)
while True:
    signal.pause()
