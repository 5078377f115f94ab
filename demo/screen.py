"""What the demo prints: headings, commands before they run, and the table at the end."""

import shlex
import sys
import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

WIDE = 118
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)


def chapter(title: str) -> None:
    console.print(f"\n[bold cyan]{title}[/]")


def say(text: str) -> None:
    console.print(f"  {text}", markup=False)


def command(words: list[str]) -> None:
    console.print(f"  $ {shlex.join(words)}", style="bold", markup=False)
    sys.stdout.flush()


@dataclass(frozen=True)
class Row:
    step: str
    seconds: float | None
    polled: float | None
    note: str


@dataclass
class Results:
    """The steps as they end. `seconds` come from the tasks' own timestamps, `polled` from the waiter's clock."""

    began: float
    cloned: float | None = None  # when the checkout was made, if that was just now
    rows: list[Row] = field(default_factory=list)

    def add(self, step: str, seconds: float | None, note: str = "", polled: float | None = None) -> None:
        self.rows.append(Row(step, seconds, polled, note))

    def show(self) -> None:
        table = Table(title="What happened", title_justify="left")
        table.add_column("step")
        table.add_column("took", justify="right")
        table.add_column("waiter's polling", justify="right")
        table.add_column("")
        for row in self.rows:
            table.add_row(row.step, _seconds(row.seconds), _seconds(row.polled), row.note)
        console.print()
        console.print(table)
        say(f"The whole demo took {time.time() - self.began:.0f} s.")


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"
