"""HTTP and the call page."""
