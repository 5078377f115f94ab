"""What every long-lived program of Podium is made of, whatever it does: its log, its lock, its parent, its shell."""
