"""`python -m app COMMAND`, which `script/xq` runs."""

from .cli import main

main()
