"""Who is asking, and what they may do: decisions on values, without the web framework."""
