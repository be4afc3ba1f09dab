"""What the pages show: one module for each, the template has the same name."""
