# Floor 3: format, walkers of containers.  May include base, byte, model.
