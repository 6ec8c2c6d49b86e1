"""Lives of tickets, as generated for tests."""

from hypothesis import strategies as st

WAITING = {"called": "called", "parked": "parked", "gave-up": "ended", "closed": "ended"}
CALLED = {"called": "called", "served": "serving", "parked": "parked", "no-answer": "ended"}
SERVING = {"done": "over", "unended": "over", "to complaint": "waiting", "to pension": "waiting"}
NEXT = {
    "waiting": WAITING,
    "called": CALLED,
    "serving": SERVING,
    "parked": {"returned": "waiting", "gave-up": "ended"},
    "ended": {"returned": "waiting"},
    "over": {},
}
"""From each state of a ticket what may happen, and the state after it."""


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[str, float]]:
    """What happens to a ticket after its arrival, as the desk allows it; the clock of a device may be ten minutes
    wrong, in either direction."""
    state, at, steps = "waiting", 0.0, []
    wrong, devices = draw(st.sampled_from([0.0, 0.0, -10.0, 10.0])), draw(st.integers(1, 5))
    for number in range(draw(st.integers(0, 12))):
        if not NEXT[state]:
            break
        name = draw(st.sampled_from(sorted(NEXT[state])))
        at += draw(st.integers(0, 1_800)) / 60
        steps.append((name, at + (wrong if number % devices == 0 else 0.0)))
        state = NEXT[state][name]
    return steps
