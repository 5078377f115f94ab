"""However labels are put, each is on one version, and no version has more than ten."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from podium.ssm import labels
from podium.ssm.errors import TooManyLabels
from podium.ssm.records import ParameterVersion

NOW = datetime(2026, 3, 1, tzinfo=UTC)
names = st.sampled_from([f"l{number}" for number in range(14)])
puts = st.tuples(st.integers(1, 4), st.lists(names, min_size=1, max_size=10, unique=True))


@given(st.lists(puts, max_size=10))
def test_a_label_is_on_one_version_and_a_version_has_at_most_ten(steps: list[tuple[int, list[str]]]) -> None:
    held = {n: _version(n) for n in range(1, 5)}
    for number, given_labels in steps:
        try:
            changed = labels.put(held.values(), number, given_labels)
        except TooManyLabels:
            assert len({*held[number].labels, *given_labels}) > 10
            continue
        held |= {version.number: version for version in changed}
        assert set(given_labels) <= set(held[number].labels)
        everywhere = [label for version in held.values() for label in version.labels]
        assert len(everywhere) == len(set(everywhere))
        assert all(len(version.labels) <= 10 for version in held.values())


def _version(number: int) -> ParameterVersion:
    return ParameterVersion(
        arn=f"p:{number}", parameter_arn="p", number=number, type="String", value="", changed_at=NOW, changed_by="me"
    )
