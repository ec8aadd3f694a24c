"""The command line: every task of an operator. It parses, calls an action or a shell below it, and says what came out.

Nothing heavy is imported until a command runs, so that `officina --help` answers at once.
"""

from __future__ import annotations


def main() -> None:
    """The `officina` program."""
    from officina.cli.commands import app
    from officina.cli.failure import told

    with told():
        app()
