"""What a control plane and a container agent say to each other.

Two WebSockets carry JSON envelopes, `{"type": ..., "message": {...}}`: ACS, on which an
agent is told what to run, and TCS, on which it tells how that is going. This package
names the messages and their members, and turns them into frames and back. It performs
no I/O and holds no opinion on what to do with a message.
"""

from podium_protocol.envelope import Malformed, Message, decode, encode, sign_frame, split_frame

__all__ = ["Malformed", "Message", "decode", "encode", "sign_frame", "split_frame"]
