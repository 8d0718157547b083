# Floor 5: guardd, the daemon.
