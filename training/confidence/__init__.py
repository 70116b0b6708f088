"""How far a prediction can be trusted: temperature and out-of-distribution score."""
