"""Running the system's own programs: iproute2 and nftables know the kernel better than we would."""

import asyncio

_LONGEST_SECONDS = 30.0


class ShellError(Exception):
    """The sentence is the program's own."""


async def run(*command: str, given: str = "") -> str:
    """What the command prints. `given` is what it reads. Raises ShellError."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except FileNotFoundError as error:
        raise ShellError(f"{command[0]} is not installed") from error
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            out, complaint = await process.communicate(given.encode())
    except TimeoutError as error:
        process.kill()
        raise ShellError(f"{command[0]} did not end within {_LONGEST_SECONDS:.0f} s") from error
    if process.returncode:
        raise ShellError(" ".join(complaint.decode(errors="replace").split()) or f"{command[0]} failed")
    return out.decode()


async def script(text: str) -> str:
    """A shell script that ends at the first command that fails. Raises ShellError."""
    return await run("sh", "-eu", given=text)
