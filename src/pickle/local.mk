# Floor 3: pickle, the pickle language and import policy.  May include base, byte, model.
