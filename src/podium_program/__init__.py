"""What every program of Podium is made of, whatever it does: its log, lock, parent and shell, and how it dials."""
