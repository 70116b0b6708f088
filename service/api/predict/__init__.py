"""`POST /predict` and `POST /predict/batch`: an upload to a prediction."""
