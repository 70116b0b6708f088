"""One client's connection: uvicorn's protocol, held to limits and deadlines."""
