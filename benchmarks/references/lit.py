"""LitServe with dynamic batching and its fast queue."""

import os

import litserve
import numpy as np

from benchmarks.references.network import Numbers, answer, load_fast, to_row


class Fashion(litserve.LitAPI):
    """Takes one picture per request; up to 64 share a model call.

    Two methods have no annotations: LitServe would make schemas of them, which costs time.
    """

    def setup(self, device: str) -> None:
        """Load the model in the worker process."""
        self.probabilities = load_fast()

    def decode_request(self, request):
        """Return float32[784] of the form's field `file`."""
        return to_row(request["file"].file.read())

    def batch(self, inputs: list[Numbers]) -> Numbers:
        """Return the rows of several requests as one array."""
        return np.stack(inputs)

    def predict(self, rows: Numbers) -> Numbers:
        """Return float32[n, 10]."""
        return self.probabilities(rows)

    def unbatch(self, output: Numbers) -> list[Numbers]:
        """Return one row for each request."""
        return list(output)

    def encode_response(self, output):
        """Return the answer of one request."""
        return answer(output)


if __name__ == "__main__":
    server = litserve.LitServer(
        Fashion(max_batch_size=64, batch_timeout=0.002),
        accelerator="cpu",
        workers_per_device=1,
        fast_queue=True,
    )
    options = {"log_level": "warning", "access_log": False, "generate_client_file": False}
    server.run(host="127.0.0.1", port=int(os.environ["PORT"]), num_api_servers=1, **options)
