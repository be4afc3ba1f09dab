"""`python -m ipbr_rank` is `ipbr-rank`."""

from ipbr_rank.cli.main import main

main()
