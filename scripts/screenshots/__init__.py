"""Pictures of the portal's pages at three widths, from a demonstration portal that is started for them."""
