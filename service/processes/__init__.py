"""The supervisor, its workers, and what they tell each other."""
