# Floor 3: out, reports for people and machines.  May include base, model.
