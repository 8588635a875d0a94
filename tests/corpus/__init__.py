"""Media files, good and bad, made from a seed: what people upload by mistake and on purpose."""
