"""Other Python servers under the same calls as Mien: each receives picture and sound and keeps the last ten seconds.

They keep what they give their users: FastRTC arrays of BGR, Pipecat bytes of RGB, aiortc decoded frames, Mien encoded
ones. Each runs in an environment of its own, which `make bench-peers` makes.
"""
