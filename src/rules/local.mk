# Floor 3: rules, libyara.  May include base, byte, model.
