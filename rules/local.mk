# Rules and policies.
