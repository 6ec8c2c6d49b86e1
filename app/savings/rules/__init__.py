"""Pure: parameters and their distributions, draws, the model of what is saved, prices, and what may be shown."""
