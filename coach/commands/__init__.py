"""The subcommands: each module adds its own parser and runs it; heavy imports wait until it runs."""

import argparse
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What `argparse` calls the place where subcommands are added."""
