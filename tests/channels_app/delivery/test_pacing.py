"""The budget of a number: never above Meta's limit, in any window, whatever happens."""

from hypothesis import given
from hypothesis import strategies as st

from channels_app.delivery.pacing import PAIR_BURST, PAIR_INTERVAL_S, Pace, Pairs, limit_per_s

GAPS = st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=200)


@given(limit=st.sampled_from([20.0, 80.0, 1000.0]), gaps=GAPS, slow_at=st.sets(st.integers(0, 199), max_size=5))
def test_no_window_holds_more_than_rate_and_burst(limit: float, gaps: list[float], slow_at: set[int]) -> None:
    pace, now, sent = Pace(limit), 0.0, []
    for index, gap in enumerate(gaps):
        now += gap
        if index in slow_at:
            pace.slow_down(now)
        while pace.take(now):
            sent.append(now)
    for start in range(0, len(sent), max(1, len(sent) // 20)):
        for end in range(start, len(sent), max(1, len(sent) // 20)):
            assert end - start + 1 <= pace.full_rate * (sent[end] - sent[start]) + pace.burst + 1e-6


def test_a_second_never_holds_more_than_the_limit() -> None:
    pace = Pace(80.0)
    assert pace.full_rate + pace.burst <= 80.0
    sent = [tick / 1000 for tick in range(5000) if pace.take(tick / 1000)]
    assert max(sum(start <= at < start + 1 for at in sent) for start in sent) <= 80
    assert len(sent) >= 5 * 80 * 0.9


def test_refusals_in_flight_together_count_once_and_the_rate_comes_back() -> None:
    pace = Pace(1000.0)
    full = pace.rate
    for _ in range(50):
        pace.slow_down(10.0)
    assert full / 2 <= pace.rate <= full
    assert not pace.take(10.0)
    pace.wait_s(100.0)
    assert pace.rate == pace.full_rate


def test_a_clock_that_goes_back_gives_nothing() -> None:
    pace = Pace(80.0, at=1000.0)
    assert not pace.take(10.0)


@given(st.lists(st.floats(0, 10, allow_nan=False), min_size=1, max_size=300))
def test_one_person_gets_a_burst_then_one_every_six_seconds(gaps: list[float]) -> None:
    pairs, now, sent = Pairs(), 0.0, []
    for gap in gaps:
        now += gap
        if pairs.wait_s("+15550002222", now) == 0:
            sent.append(now)
    for start in range(len(sent)):
        elapsed = sent[-1] - sent[start]
        assert len(sent) - start <= PAIR_BURST + elapsed / PAIR_INTERVAL_S + 1e-6


def test_levels_of_throughput() -> None:
    assert (limit_per_s("STANDARD"), limit_per_s("HIGH"), limit_per_s("")) == (80.0, 1000.0, 80.0)
    assert limit_per_s("HIGH", is_coexistence=True) == 20.0
