# Manuals.
