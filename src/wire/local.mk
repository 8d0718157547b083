# Floor 3: wire, what crosses the barrier.  May include base, byte, model.
