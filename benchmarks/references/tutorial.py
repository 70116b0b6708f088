"""The tutorial way: an async endpoint that calls `model.predict` on one picture."""

from typing import Any

import numpy as np
from fastapi import FastAPI, UploadFile

from benchmarks.references.network import answer, load, to_row

app = FastAPI()
model = load()
shape = (1, *model.input_shape[1:])
model.predict(np.zeros(shape, np.float32), verbose=0)


@app.post("/predict")
async def predict(file: UploadFile) -> dict[str, Any]:
    """Answer one picture."""
    row = to_row(await file.read())
    return answer(model.predict(row.reshape(shape), verbose=0)[0])
