"""Whom nobody sends anything any more is said once on each link, and not before it is so."""

from podium_proxy.departures import Departures
from proxy.documents import arn_of, balancer, group, group_arn, target

ARN = arn_of("web")
STAYING = balancer("web", [], [group("web", target(1))])
LEAVING = balancer("web", [], [group("web", target(1, draining=True))])
KEY = (group_arn("web"), "127.0.0.1", 1, 1.0)


def test_a_target_that_leaves_is_told_once_envoy_has_that_generation():
    departures = Departures()
    departures.mark(ARN, STAYING, 1)
    departures.mark(ARN, LEAVING, 2)
    assert [departures.reached(n) for n in (1, 2, 3)] == [[], [KEY], []]


def test_it_is_told_once_only_and_again_on_a_new_link():
    departures = Departures()
    departures.mark(ARN, LEAVING, 1)
    departures.mark(ARN, LEAVING, 2)
    assert departures.reached(2) == [KEY]
    departures.anew(3)
    assert departures.reached(3) == [KEY]


def test_one_that_came_back_and_leaves_again_is_told_again():
    departures = Departures()
    for generation, document in enumerate((LEAVING, STAYING, LEAVING)):
        departures.mark(ARN, document, generation)
    assert departures.reached(2) == [KEY, KEY]
    departures.mark(ARN, None, 3)
    departures.anew(4)
    assert departures.reached(4) == []
