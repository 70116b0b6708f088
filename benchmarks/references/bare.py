"""The ceiling: FastAPI endpoints that read an upload and return a fixed answer."""

from typing import Any

from fastapi import FastAPI, Request, UploadFile

FIXED = {
    "class_index": 9,
    "confidence": 0.9864094257354736,
    "probabilities": [
        1.2345678806304932e-07, 2.3456789099214e-09, 3.4567891120910645e-07, 4.567891245e-09,
        5.6789e-08, 0.0012345679104328156, 2.2345679104328156e-07, 0.012345679104328156,
        1.0234567910432816e-05, 0.9864094257354736,
    ],
}  # fmt: skip

app = FastAPI()


@app.post("/predict")
async def predict(file: UploadFile) -> dict[str, Any]:
    """Read the file of a form."""
    await file.read()
    return FIXED


@app.post("/raw")
async def raw(request: Request) -> dict[str, Any]:
    """Read the body."""
    await request.body()
    return FIXED
