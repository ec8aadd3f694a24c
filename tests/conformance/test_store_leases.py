"""Leases: one holder at a time, a token that grows with each change of it, and an end if nobody renews."""

from __future__ import annotations

import threading

from officina.store import Store, leases, open_store
from officina.store.leases import LeaseRow

LONG, OVER = 60.0, -1.0


def take(store: Store, holder: str, seconds: float = LONG, **wanted: int) -> dict[str, int]:
    with store.write() as tx:
        return leases.take(tx, wanted, holder=holder, seconds=seconds)


def test_one_has_it_until_it_ends(store: Store) -> None:
    assert take(store, "a", x=0, y=0) == {"x": 1, "y": 1}
    assert take(store, "b", x=0, z=0) == {"z": 1}
    assert take(store, "a", OVER, x=1, y=1) == {"x": 1, "y": 1}
    assert take(store, "b", x=0, y=0) == {"x": 2, "y": 2}
    assert take(store, "a", x=1, y=1) == {}
    assert take(store, "a") == {}


def test_one_that_ended_and_that_nobody_took_is_kept(store: Store) -> None:
    take(store, "a", OVER, x=0)
    assert take(store, "a", x=1) == {"x": 1}


def test_who_forgot_his_token_waits_like_anybody(store: Store) -> None:
    take(store, "a", x=0)
    assert take(store, "a", x=0) == {}
    take(store, "a", OVER, x=1)
    assert take(store, "a", x=0) == {"x": 2}


def test_a_token_never_falls(store: Store) -> None:
    assert take(store, "a", OVER, x=7) == {"x": 8}
    assert take(store, "b", OVER, x=3) == {"x": 9}


def test_given_back_it_is_free_at_once_unless_somebody_took_it(store: Store) -> None:
    take(store, "a", x=0, y=0)
    take(store, "a", OVER, y=1)
    take(store, "b", y=0)
    with store.write() as tx:
        leases.end(tx, {"x": 1, "y": 1})
    assert take(store, "c", x=0, y=0) == {"x": 2}


def test_all_that_one_has_is_taken_away(store: Store) -> None:
    take(store, "a", x=0, y=0)
    take(store, "b", z=0)
    with store.write() as tx:
        leases.end_of(tx, "a")
    assert take(store, "c", x=0, y=0, z=0) == {"x": 3, "y": 3}


def test_what_is_known_of_them(store: Store) -> None:
    take(store, "a", x=0)
    take(store, "b", OVER, y=0)
    with store.read() as tx:
        x, y = sorted(leases.every(tx))
        assert leases.tokens(tx, ["y", "nothing"]) == {"y": 1}
        assert leases.tokens(tx, []) == {}
    assert (x[:3], y[:3]) == (LeaseRow("x", "a", 1, 0)[:3], LeaseRow("y", "b", 1, 0)[:3])
    assert 0 < x.left <= LONG * 1_000_000
    assert -LONG * 1_000_000 < y.left < 0


def test_hubs_long_gone_are_forgotten_and_nothing_else(store: Store) -> None:
    with store.write() as tx:
        for name in ("hub:old", "deliveries:1"):
            leases.take(tx, {name: 0}, holder="old", seconds=-100)
        leases.take(tx, {"hub:new": 0}, holder="new", seconds=-10)
        assert leases.drop_hubs(tx, seconds=50) == 1
        assert sorted(row.name for row in leases.every(tx)) == ["deliveries:1", "hub:new"]


def test_of_two_that_ask_at_the_same_moment_one_gets_it(database_url: str) -> None:
    start = threading.Barrier(2)
    got: list[dict[str, int]] = []

    def ask(name: str) -> None:
        with open_store(database_url) as store:
            start.wait(20)
            for round_ in range(50):
                got.append(take(store, name, **{f"x{round_}": 0, "all": 0}))

    threads = [threading.Thread(target=ask, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [name for each in got for name in each]
    assert sorted(taken) == sorted({"all", *(f"x{round_}" for round_ in range(50))})
