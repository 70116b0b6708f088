"""Five times more clients than are admitted, each repeating its request without a pause."""

import asyncio
import time
from collections import Counter

from tests.server import running_server

ADMITTED = 32
SECONDS = 4
MAX_SECONDS = 10


async def ask_repeatedly(url, request, until, statuses, waits):
    """Repeat a request on one connection; count the statuses."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    while (asked := time.monotonic()) < until:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        status = int(head.split(b" ", 2)[1])
        assert status == 200 or b"retry-after: " in head
        statuses[status] += 1
        waits.append(time.monotonic() - asked)
    writer.close()
    await writer.wait_closed()


def load(server, picture, clients):
    """Return the count of each status and the longest wait, for a number of clients."""
    request = (
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(picture), picture)
    )
    statuses, waits = Counter(), []

    async def run():
        until = time.monotonic() + SECONDS
        each = (server.url, request, until, statuses, waits)
        await asyncio.gather(*(ask_repeatedly(*each) for _ in range(clients)))

    asyncio.run(run())
    return statuses, max(waits)


def test_overload_costs_at_most_half_of_the_throughput(png, real_pixels):
    picture = png(real_pixels[0])
    with running_server(access_log=False, max_in_flight=ADMITTED) as server:
        best, _ = load(server, picture, ADMITTED)
        crowd, longest = load(server, picture, 5 * ADMITTED)

    print(f"alone {best}, in a crowd {crowd}, the longest wait {longest:.2f} s")
    assert best.keys() == {200}
    assert crowd.keys() == {200, 503}
    assert crowd[200] >= best[200] / 2
    assert longest < MAX_SECONDS
