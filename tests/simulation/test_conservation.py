"""Where every scale is right and nobody cheats, every gram is somewhere."""

from tests.simulation.conftest import Made, Make
from wastetrack.simulation.sizes import EXACT

FLOWS = """
with stock as (
  select site_id, waste_code, sum(measured_g) filter (taken_at < '2025-01-01') as opening,
         sum(measured_g) filter (taken_at > '2025-12-31 15:00') as closing
  from stock_takes group by all),
gone as (select shipper_site_id as site_id, waste_code, sum(declared_g) as g
  from manifests where departed_at is not null group by all),
come as (select receiver_site_id as site_id, waste_code, sum(received_g) as g from manifests group by all),
fed as (select site_id, waste_code, sum(i.input_g) as g from batch_inputs i join batches using (batch_id) group by all),
left_over as (select site_id, waste_code, sum(output_g) as g
  from residues join batches using (batch_id) where waste_code is not null group by all),
made as (select site_id, waste_code, sum(generated_g) as g from generation group by all)
select kind, count(*), sum(coalesce(come.g, 0)),
  max(abs(coalesce(opening, 0) + coalesce(made.g, 0) + coalesce(come.g, 0) + coalesce(left_over.g, 0)
       - coalesce(gone.g, 0) - coalesce(fed.g, 0) - coalesce(closing, 0)))
from stock full join gone using (site_id, waste_code) full join come using (site_id, waste_code)
full join fed using (site_id, waste_code)
full join left_over using (site_id, waste_code) full join made using (site_id, waste_code) join sites using (site_id)
group by kind order by kind
"""


def test_what_comes_in_goes_out_or_lies_in_store_to_the_gram(make: Make) -> None:
    found = make(untidy=EXACT).rows(FLOWS)
    assert [kind for kind, *_ in found] == ["disposer", "generator", "intermediate"]
    assert {kind: worst for kind, _, _, worst in found} == dict.fromkeys(("disposer", "generator", "intermediate"), 0)
    assert all(came or kind == "generator" for kind, _, came, _ in found), "waste has come to every kind of receiver"


def test_a_scheme_that_takes_mass_breaks_the_balance(make: Make) -> None:
    worst = {kind: worst for kind, _, _, worst in make("black_intake=1", untidy=EXACT).rows(FLOWS)}
    assert worst["disposer"]
    assert not worst["generator"]


def test_what_the_scales_of_an_honest_world_miss_is_a_part_of_a_hundredth(make: Make) -> None:
    """Shipper and receiver weigh independently, so their sums differ, but no more than their verification allows."""
    made: Made = make()
    lost = made.one(
        "select sum(declared_g - received_g) / sum(declared_g) from manifests "
        "where abs(declared_g - received_g) < declared_g / 10"
    )
    assert 0 < abs(lost) < 0.01
