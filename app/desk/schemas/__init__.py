"""HTTP schemas of the desk."""
