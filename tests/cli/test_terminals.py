"""The terminal that `podium exec` is started in."""

import os
import pty
import termios

import pytest

from podium.cli import terminals


@pytest.mark.parametrize(("given", "told"), [((33, 111), (111, 33)), ((0, 0), (80, 24)), ((0, 111), (111, 24))])
def test_a_terminal_without_a_size_is_taken_for_a_usual_one(given, told):
    master, slave = pty.openpty()
    try:
        termios.tcsetwinsize(slave, given)
        assert terminals.size(slave) == told
    finally:
        os.close(master)
        os.close(slave)
