"""Pages of the data team: what was saved, how it is measured, the figures it rests on."""
