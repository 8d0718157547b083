# Floor 4: engine, the list of formats and recursion.  May include base, byte, model, format, pickle, rules.
