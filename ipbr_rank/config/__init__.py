"""The four TOML files an analyst edits, checked before anything else happens."""

from ipbr_rank.config.read import Configuration as Configuration
from ipbr_rank.config.read import ConfigurationFiles as ConfigurationFiles
from ipbr_rank.config.read import read_coefficients as read_coefficients
from ipbr_rank.config.read import read_configuration as read_configuration
from ipbr_rank.config.read import read_models as read_models
from ipbr_rank.config.read import variables_in as variables_in
