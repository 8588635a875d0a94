"""The child process that holds the engines, and the lane that batches for them."""
