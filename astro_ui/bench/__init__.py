"""Figures, each beside the stock or peer thing measured in the same run: `./console bench`."""
