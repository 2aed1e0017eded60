"""On histories by chance, every way of scanning finds the same, and all that there is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outcomes import Scan, in_objects
from random_histories import Story, stories, written
from streams import git_in

from tightlip.engine import Scanner

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.mark.slow
@settings(relaxed, max_examples=30)
@given(story=stories(), jobs=st.sampled_from([1, 1, 1, 2]))
def test_every_way_finds_the_same(
    story: Story, jobs: int, scan: Scan, scanner: Scanner, tmp_path_factory: pytest.TempPathFactory
) -> None:
    where = written(story, tmp_path_factory.mktemp("r"))
    seen = scan(where, jobs=jobs)

    assert seen == scan(where, through_git=True)
    assert seen.unscanned == []
    # A rule that goes by path may be the better one for what another rule finds without it.
    assert {value for _, value in in_objects(where, scanner)} <= {value for _, value in seen.values}


@pytest.mark.slow
@settings(relaxed, max_examples=15)
@given(story=stories())
def test_where_refs_reach_everything_a_walk_along_them_finds_the_same(
    story: Story, scan: Scan, tmp_path_factory: pytest.TempPathFactory
) -> None:
    where = written(story._replace(refs=tuple(range(1, len(story.steps) + 1))), tmp_path_factory.mktemp("r"))
    git_in(where)("repack", "-adfq", "--window=10")
    seen, walked = scan(where), scan(where, reachable_only=True)

    assert seen.findings == walked.findings
    assert (seen.unscanned, seen.allowed) == (walked.unscanned, walked.allowed)
