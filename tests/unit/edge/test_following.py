"""Following: news as they come, a heartbeat in silence, an end by news or by time."""

from itertools import repeat

from showreel.edge.following import HEARTBEAT, follow


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> float:
        return self.now


def followed(looks: list[tuple[list[bytes], bool]], *, seconds: float) -> list[bytes]:
    time = Time()
    news = iter(looks)
    return list(
        follow(
            lambda: next(news, ([], False)),
            repeat(1.0),
            deadline=time.now + seconds,
            cut=b"cut",
            sleep=time.sleep,
            clock=time.clock,
        )
    )


def test_news_are_sent_in_order_until_the_last() -> None:
    looks = [([b"1", b"2"], False), ([], False), ([b"3"], True), ([b"never"], True)]
    assert followed(looks, seconds=60) == [b"1", b"2", b"3"]


def test_silence_is_broken_by_heartbeats_and_ends_at_the_deadline() -> None:
    assert followed([([b"1"], False)], seconds=25) == [b"1", HEARTBEAT, HEARTBEAT, b"cut"]


def test_no_time_is_enough_for_what_is_there_already() -> None:
    assert followed([([b"1"], False), ([b"2"], True)], seconds=0) == [b"1", b"cut"]
    assert followed([([b"1"], True)], seconds=0) == [b"1"]
