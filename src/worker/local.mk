# Floor 5: worker, the program that reads hostile bytes.
