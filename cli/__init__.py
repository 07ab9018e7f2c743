"""The command line of simba-live: a thin face on the library."""


def main() -> None:
    """Run the `simba-live` command."""
    from .app import run

    run()
