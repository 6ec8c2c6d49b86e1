"""A request from draft to decision, and the officers' queue, which is a query on its table of open work."""
