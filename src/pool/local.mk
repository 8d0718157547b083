# Floor 4: pool, life and death of workers.  May include base, model, wire, sandbox.
