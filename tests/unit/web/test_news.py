"""What a list that is on the screen is told."""

from __future__ import annotations

from officina.web import news
from officina.web.news import News


def test_a_page_tells_what_it_shows_and_hears_what_changed() -> None:
    told = news.shown([(812, 2), (811, 1), (810, "parked")])
    before = news.read(told)
    assert before == {812: "2", 811: "1", 810: "parked"}
    assert news.changed(before, [(812, 3), (811, 1), (810, "accepted"), (9, 9)]) == 2


def test_whatever_else_is_sent_tells_nothing() -> None:
    assert news.read("") == {}
    assert news.read("x.1_-4.2_7") == {7: ""}
    assert len(news.read(news.shown((number, 1) for number in range(500)))) == news.PAGE


def test_counts_in_words() -> None:
    assert News(0, 0).text == ""
    assert News(3, 0).text == "3 new"
    assert News(100, 1).text == "99+ new · 1 changed"
