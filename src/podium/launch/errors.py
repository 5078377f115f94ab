"""What went wrong, told to the person at the keyboard."""


class Trouble(Exception):
    """A failure as one or two sentences: what happened, and what to do next.

    The command line prints it to stderr, without a traceback, and ends with a non-zero exit code.
    """
