"""Starting, watching and ending Podium's processes. Standard library only: what it starts, it never imports."""
