"""What the agent keeps on disk."""

import sqlite3

import pytest

from podium_agent.state import State, StateError


def test_what_was_flushed_is_there_again(tmp_path):
    state = State(tmp_path / "default.db")
    state.save_soon("t1", {"a": 1})
    state.save_soon("t1", {"a": 2})
    state.save_soon("t2", {"b": 1})
    state.save_soon("t2", None)
    state.set_fact_soon("sequence", "7")
    assert state.has_waiting
    state.flush()
    assert not state.has_waiting
    again = State(tmp_path / "default.db")
    assert again.tasks() == ({"a": 2},)
    assert again.fact("sequence") == "7"
    state.close()
    again.close()


def test_nobody_else_may_read_it(tmp_path):
    State(tmp_path / "default.db").close()
    assert (tmp_path / "default.db").stat().st_mode & 0o077 == 0


def test_a_later_format_is_refused_in_a_sentence(tmp_path):
    State(tmp_path / "default.db").close()
    database = sqlite3.connect(tmp_path / "default.db")
    database.execute("UPDATE facts SET value = '99' WHERE name = 'format'")
    database.commit()
    database.close()
    with pytest.raises(StateError, match="written by a later Podium"):
        State(tmp_path / "default.db")
