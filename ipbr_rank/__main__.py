"""`python -m ipbr_rank` is `ipbr-rank`."""

from ipbr_rank.cli import main

main()
