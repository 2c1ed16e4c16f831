"""Who takes part: ours and the peers, each set up as its own documentation does it."""
