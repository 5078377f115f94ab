"""The data channel of Session Manager, from the side of the control plane: what an unmodified session-manager-plugin
speaks once it was given a stream URL and a token.

`messages` turns AgentMessages into frames and back, `windows` makes an ordered stream of a line that loses, doubles and
reorders them, `handshake` is what is said before the first key, and `channel` is all of it for one session. Nothing
here performs I/O; times are seconds of any clock that only moves on.

Source: the public amazon-ssm-agent and session-manager-plugin, whose messages these are.
"""

from podium_protocol.datachannel.channel import Channel, Input, Ready, Refused, Resized, Terminated
from podium_protocol.datachannel.handshake import Opening, opening

__all__ = ["Channel", "Input", "Opening", "Ready", "Refused", "Resized", "Terminated", "opening"]
