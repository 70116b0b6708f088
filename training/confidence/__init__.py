"""How far a model's answers can be trusted: temperature and out-of-distribution score."""
