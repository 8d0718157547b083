# Floor 1: sandbox, taking rights away.  May include base.
