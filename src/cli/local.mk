# Floor 5: cli, the command line.
