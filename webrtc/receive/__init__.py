"""The receive path as pure logic: from RTP packets to encoded frames, and what the sender is told of them.

Packets, monotonic seconds and numbers in, frames and feedback out; no socket, no task and no clock of its own. `tap`
does the I/O around it.
"""
