"""The named pipelines of the running hub, as administrators see and steer them."""
