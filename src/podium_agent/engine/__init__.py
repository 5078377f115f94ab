"""What a container agent decides, apart from everything it touches.

`Engine.handle(event, now)` folds one event into what is known and answers with
instructions, to be carried out in their order. What an instruction is answered with,
sooner or later, its docstring names; many need no answer. The engine reads no clock,
opens nothing and draws nothing: time is handed in with each event, names and free ports
come from the functions given to it. The same events give the same instructions.

What holds, whatever the order in which events come, late, twice or never:

- a task and a container name have at most one living container;
- a task is on disk before it is acknowledged and before anything is asked of Docker for it,
  container names included, so that a crash at any point leaves a container that is found
  again by its name; an end is on disk before it is told;
- reports of a task are sent one at a time, never go back, and tell every exit code;
- a container is stopped only when its task was told to stop, an essential container of its
  task ended, or the control plane verified that the task should not be here.

After a start, or after Docker was away, the engine asks for a Look and does nothing in
Docker until it is answered by Listed.
"""

from podium_agent.engine.engine import Engine
from podium_agent.engine.settings import Settings

__all__ = ["Engine", "Settings"]
