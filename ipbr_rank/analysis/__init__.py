"""Questions to a built board: what it is made of, what would change it, whether it is fit."""
