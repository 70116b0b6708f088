import asyncio

from service.connection.deadlines import CHECK_SECONDS, Pace, Watch


def test_a_client_that_keeps_the_pace_is_never_late():
    pace = Pace(least=100, seconds=10)
    pace.begin(now=0)

    assert not any(pace.is_late(now, done=20 * now) for now in range(1000))


def test_a_client_that_stops_is_late_after_one_span_however_much_it_sent_before():
    pace = Pace(least=100, seconds=10)
    pace.begin(now=0)
    late = [now for now in range(40) if pace.is_late(now, done=min(now, 5) * 1_000_000)]

    assert late[0] == 16


def test_a_client_that_trickles_is_late_after_one_span():
    pace = Pace(least=100, seconds=10)
    pace.begin(now=0)

    assert not pace.is_late(10, done=99)
    assert pace.is_late(10.5, done=99)


class Connection:
    def __init__(self):
        self.checks = 0

    def check(self, now):
        self.checks += 1


def test_each_connection_is_checked_once_a_second_until_it_is_discarded():
    watch, gone, later = Watch(), Connection(), Connection()

    async def live():
        loop = asyncio.get_running_loop()
        watch.add(gone, loop)
        watch.discard(gone)
        await asyncio.sleep(1.5 * CHECK_SECONDS)
        watch.add(later, loop)
        await asyncio.sleep(2.5 * CHECK_SECONDS)

    asyncio.run(live())
    assert (gone.checks, later.checks) == (0, 2)
