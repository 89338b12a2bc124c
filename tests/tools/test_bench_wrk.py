"""What wrk prints is read right, and what went wrong under load is not taken for a figure."""

import pytest
from tools.bench.wrk import LoadFailed, read_wrk

SAID = """Running 1s test @ http://127.0.0.1:8000/simple/bench-50/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.51ms  811.20us  16.02ms   93.88%
    Req/Sec    12.90k   640.11    13.75k    70.00%
  Latency Distribution
     50%    2.41ms
     75%    2.60ms
     90%    2.91ms
     99%  {p99}
  {summary}
{errors}Requests/sec:  12830.28
Transfer/sec:     22.67MB
"""


def said(
    p99: str = "  6.29ms", summary: str = "12835 requests in 1.00s, 22.68MB read", errors: str = ""
) -> str:
    """What wrk prints."""
    return SAID.format(p99=p99, summary=summary, errors=errors)


def test_figures_of_a_run() -> None:
    """Requests, rate, both latencies and the bytes are what wrk says."""
    found = read_wrk(said())
    assert (found.requests, found.requests_per_second) == (12_835, 12_830.28)
    assert (found.p50_ms, found.p99_ms) == (2.41, 6.29)
    assert found.bytes_read == pytest.approx(22.68 * 1024 * 1024)


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [("612.00us", 0.612), ("6.29ms", 6.29), ("1.25s ", 1_250), ("1.10m ", 66_000)],
)
def test_units_of_latency(written: str, milliseconds: float) -> None:
    """Every unit that wrk chooses comes out in milliseconds, also those it writes with a space behind."""
    assert read_wrk(said(p99=written)).p99_ms == pytest.approx(milliseconds)


@pytest.mark.parametrize(
    "errors",
    [
        "  Non-2xx or 3xx responses: 12835\n",
        "  Socket errors: connect 0, read 3, write 0, timeout 0\n",
    ],
)
def test_errors_are_no_figures(errors: str) -> None:
    """A run with other answers, or with broken connections, gives no figure and says what wrk said."""
    with pytest.raises(LoadFailed, match=errors.strip().partition(":")[0]):
        read_wrk(said(errors=errors))


def test_no_answer_in_time() -> None:
    """A server that answered nobody has no figure."""
    with pytest.raises(LoadFailed, match="no answer in time"):
        read_wrk(said(summary="0 requests in 1.00s, 0.00B read"))


def test_other_text() -> None:
    """Text that is not wrk's is refused and quoted."""
    with pytest.raises(LoadFailed, match="unable to create thread"):
        read_wrk("unable to create thread 0: Cannot allocate memory")
