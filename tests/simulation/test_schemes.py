"""Schemes change what they touch and nothing else, as often as they are told, and the truth knows each of them."""

import math

import pytest

from tests.simulation.conftest import Make
from wastetrack.errors import Malformed
from wastetrack.extracts.columns import Kind
from wastetrack.extracts.every import TABLES
from wastetrack.simulation.schemes.naming import RATES, Scheme, rates

SINGLE = (Scheme.PARTIAL_DUMP, Scheme.NEVER_ARRIVED, Scheme.CLONE, Scheme.OUT_OF_PERMIT, Scheme.BACK_DATING)
OFTEN_RATE = 0.04
OFTEN = ",".join(f"{scheme}={OFTEN_RATE}" for scheme in SINGLE)
IN_PLACE = "skim,partial_dump=0.02,never_arrived=0.01,clone=0.01,ghost_chain,copied_weights,back_dating=0.01"
"""Schemes that drive nobody elsewhere."""


def test_what_no_scheme_touched_is_as_in_the_honest_world(make: Make) -> None:
    """But that a lorry comes at another hour where the plant before had less ash to send."""
    honest, false = make("none"), make(IN_PLACE)
    columns = TABLES["manifests"].columns
    lasting = ", ".join(column.name for column in columns if column.kind is not Kind.INSTANT)
    mine = "where shipper_site_id in (select site_id from sites where kind = 'generator') order by all"
    touched = {manifest for (manifest,) in false.rows("select manifest_id from truth_manifests")}
    for names, strangers in ((lasting, 0), ("manifest_id, filed_at, departed_at, arrived_at, received_at", 60)):
        before = {row[0]: row for row in honest.rows(f"select {names} from manifests {mine}")}
        after = {row[0]: row for row in false.rows(f"select {names} from manifests {mine}")}
        assert before.keys() == after.keys()
        changed = {key for key, row in after.items() if row != before[key]}
        assert changed & touched
        assert len(changed - touched) <= strangers


@pytest.mark.parametrize("scheme", SINGLE)
def test_as_many_as_the_rate_says(make: Make, scheme: Scheme) -> None:
    made = make(OFTEN)
    loads = made.one("select count(*) from manifests where cancelled_at is null")
    found = made.one(f"select count(*) from truth where typology = '{scheme}'")
    # A load is touched once, a clone needs one that went before, and another plant may by chance be allowed the same.
    possible = 0.7 if scheme in {Scheme.OUT_OF_PERMIT, Scheme.CLONE} else 0.85
    spread = 5 * math.sqrt(loads * OFTEN_RATE)
    assert possible * OFTEN_RATE * loads - spread < found < OFTEN_RATE * loads + spread


def test_all_schemes_are_played_and_point_to_those_who_are_there(make: Make) -> None:
    made = make("all")
    always = set(Scheme) - set(SINGLE)  # of so few manifests a single load may be spared
    assert always <= {Scheme(str(name)) for (name,) in made.rows("select distinct typology from truth")}
    for kind, table, key in (
        ("site", "sites", "site_id"),
        ("carrier", "organisations", "organisation_id"),
        ("manifest", "manifests", "manifest_id"),
    ):
        known = f"select {key} from {table}"
        lost = f"select count(*) from truth where subject_kind = '{kind}' and subject_id not in ({known})"
        assert made.one(lost) == 0
    assert (
        made.one("select count(*) from truth where entity_id not in (select organisation_id from organisations)") == 0
    )
    assert (
        made.one("select count(*) from truth_manifests where manifest_id not in (select manifest_id from manifests)")
        == 0
    )
    assert made.one("select count(*) from truth_manifests where scheme_id not in (select scheme_id from truth)") == 0
    assert made.one("select count(*) from truth where stolen_g > affected_g or stolen_g < 0") == 0


def test_an_honest_world_has_an_empty_truth(make: Make) -> None:
    assert make("none").one("select count(*) from truth") == 0


def test_the_records_do_not_name_the_schemes(make: Make) -> None:
    """The truth is only in its folder: what is read as an extract has no word of it."""
    made = make("all")
    assert not set(TABLES) & {file.name for file in (made.folder / "truth").iterdir()}
    assert {file.name for file in (made.folder / "truth").iterdir()} == {"truth.parquet", "truth_manifests.parquet"}


def test_a_skim_takes_its_share_of_what_its_carrier_brings(make: Make) -> None:
    made = make("skim=0.4")
    for name, share, taken in made.rows(
        "select subject_id, json_extract(parameters, '$.share')::double, stolen_g / affected_g "
        "from truth where typology = 'skim' and manifests > 20"
    ):
        assert taken == pytest.approx(share, rel=0.2), name


def test_what_never_arrived_was_never_weighed_in(make: Make) -> None:
    made = make(OFTEN)
    lost = "(select manifest_id from truth_manifests where typology = 'never_arrived')"
    assert made.one(f"select count(*) from {lost}") > 50
    seen = f"from manifests where manifest_id in {lost} and (arrived_at is not null or received_g is not null)"
    weighed = f"from weighings where side = 'receiver' and manifest_id in {lost}"
    assert (made.one(f"select count(*) {seen}"), made.one(f"select count(*) {weighed}")) == (0, 0)


def test_a_clone_bears_a_serial_that_was_used(make: Make) -> None:
    twice = "select count(*) from (select serial from containers group by serial having count(*) > 1)"
    assert make(OFTEN).one(twice) > 40
    assert make("none").one(twice) == 0


def test_fictitious_treatment_leaves_too_little(make: Make) -> None:
    """Half a year before and half a year after, of the same plant."""
    ratio = (
        "select sum(output_g) filter (made_at >= '2025-08-01') / sum(input_g) filter (treated_at >= '2025-08-01') "
        "/ (sum(output_g) filter (made_at < '2025-04-01') / sum(input_g) filter (treated_at < '2025-04-01')) "
        "from residues join batches using (batch_id) where waste_code is not null and site_id = '{site}'"
    )
    made = make("fictitious_treatment")
    ((site, share),) = made.rows("select subject_id, json_extract(parameters, '$.share')::double from truth")
    assert made.one(ratio.format(site=site)) == pytest.approx(1 - float(str(share)), abs=0.12)
    assert make("none").one(ratio.format(site=site)) == pytest.approx(1, abs=0.12)


def test_who_declares_less_works_as_much(make: Make) -> None:
    made, honest = make("under_declaration=0.2"), make("none")
    sites = "(select site_id from truth)"
    chosen = [site for (site,) in made.rows(sites[1:-1].replace("site_id", "subject_id"))]
    named = ", ".join(f"'{site}'" for site in chosen)
    assert len(chosen) == 12
    worked = f"select sum(quantity) from activity where site_id in ({named}) and kind = 'power'"
    told = f"select sum(generated_g) from generation where site_id in ({named}) and month_on >= '2025-08-01'"
    assert made.one(worked) == pytest.approx(honest.one(worked))
    assert made.one(told) < 0.75 * honest.one(told)


@pytest.mark.parametrize("words", ["theft", "skim=2", "skim=much", "all,skim", "clone=-1", ""])
def test_words_that_name_no_scheme_or_rate_are_refused(words: str) -> None:
    with pytest.raises(Malformed):
        rates(words)


def test_words_that_do() -> None:
    assert rates("none") == {}
    assert rates("all") == {scheme: rate.default for scheme, rate in RATES.items()}
    assert rates("skim, clone=0.01") == {Scheme.SKIM: 0.05, Scheme.CLONE: 0.01}
