"""In what medical waste may be packed, how full, and in how many bags."""

from dataclasses import replace

import pytest

from tests.support.refused import codes_broken, events_about
from tests.support.world import AT, TODAY, World, drum_of, weighed
from wastetrack.containers.labelling import label_container
from wastetrack.containers.model import Description, Filling, Form, LabelContainer, Packaging, Packed, Repack
from wastetrack.containers.packaging_rules import MAY_HOLD, MedicalClass, Put, check_packing, medical_class
from wastetrack.containers.repacking import repack
from wastetrack.db.session import WriteSession

CODES = {
    "841-001-01": MedicalClass.INFECTIOUS,
    "841-002-01": MedicalClass.SHARP,
    "841-003-01": MedicalClass.PATHOLOGICAL,
    "841-004-01": MedicalClass.CHEMICAL,
    "841-005-01": MedicalClass.PHARMACEUTICAL,
}
FULL_ENOUGH = Packed(filled_percent=75)


def rules(code: str, packaging: Packaging, packed: Packed = FULL_ENOUGH, form: Form = Form.SOLID) -> list[str]:
    put = Put(waste_code=code, form=form, packaging=packaging, packed=packed)
    return [broken.code for broken in check_packing(put, fill_limit_percent=75)]


def test_the_five_codes_name_the_five_classes() -> None:
    assert {code: medical_class(code) for code in CODES} == CODES
    assert medical_class("900-249-08") is None


def test_sharps_go_into_a_sharps_box_and_nothing_else_does() -> None:
    assert [one for one in Packaging if not rules("841-002-01", one)] == [Packaging.SHARPS_BOX]
    assert all(Packaging.SHARPS_BOX not in may for kind, may in MAY_HOLD.items() if kind is not MedicalClass.SHARP)


@pytest.mark.parametrize("code", ["841-001-01", "841-003-01"])
def test_what_infects_goes_into_a_yellow_bag_or_a_turnover_box(code: str) -> None:
    assert [one for one in Packaging if not rules(code, one)] == [Packaging.BAG, Packaging.TURNOVER_BOX]


def test_a_liquid_chemical_goes_into_no_bag() -> None:
    assert rules("841-004-01", Packaging.BAG, form=Form.LIQUID) == ["liquid_in_bag"]
    assert rules("841-004-01", Packaging.BAG) == []
    assert rules("841-004-01", Packaging.DRUM, form=Form.LIQUID) == []


@pytest.mark.parametrize(("percent", "broken"), [(75, []), (76, ["too_full"]), (None, ["filling_missing"])])
def test_a_bag_is_closed_at_three_quarters(percent: int | None, broken: list[str]) -> None:
    assert rules("841-001-01", Packaging.BAG, Packed(filled_percent=percent)) == broken
    assert rules("841-002-01", Packaging.SHARPS_BOX, Packed(filled_percent=percent)) == broken
    assert rules("841-001-01", Packaging.TURNOVER_BOX, Packed(filled_percent=percent)) == []


def test_waste_of_isolated_patients_goes_into_two_bags() -> None:
    packed = replace(FULL_ENOUGH, highly_infectious=True)
    assert rules("841-001-01", Packaging.BAG, packed) == ["single_bag"]
    assert rules("841-001-01", Packaging.BAG, replace(packed, layers=2)) == []


def test_figures_that_cannot_be_are_told_and_other_waste_is_not_infectious() -> None:
    absurd = Packed(filled_percent=101, layers=0, highly_infectious=True)
    assert rules("900-249-08", Packaging.DRUM, absurd) == ["filling_absurd", "layers_absurd", "not_medical"]
    assert rules("900-249-08", Packaging.DRUM, Packed(department="机修车间")) == []


def a_bag(world: World, **changes: object) -> LabelContainer:
    """A yellow bag of a ward."""
    described = Description(waste_code="84100101", waste_name="感染性废物", form=Form.SOLID, hazards=("In",))
    command = LabelContainer(
        site_id=world.generator.site.id,
        description=described,
        packaging=Packaging.BAG,
        volume_l=60,
        weighing=weighed("4 kg", tare="100 g", uncertainty="10 g"),
        generated_on=TODAY,
        packed=Packed(department="感染科三病区", layers=2, filled_percent=70, highly_infectious=True),
    )
    return replace(command, **changes)  # type: ignore[arg-type]


async def test_a_bag_keeps_its_ward_and_how_it_was_packed(town_session: WriteSession, world: World) -> None:
    row, _ = await label_container(town_session, world.generator.owner, a_bag(world), at=AT)
    assert (row.department, row.layers, row.filled_percent, row.highly_infectious) == ("感染科三病区", 2, 70, True)
    (event,) = await events_about(town_session, row.id)
    assert (event["facts"]["department"], event["facts"]["layers"]) == ("感染科三病区", 2)
    await town_session.commit()


async def test_a_bag_packed_wrongly_gets_no_label(town_session: WriteSession, world: World) -> None:
    wrong = a_bag(world, packaging=Packaging.DRUM, packed=Packed(layers=5))
    codes = await codes_broken(label_container(town_session, world.generator.owner, wrong, at=AT))
    assert codes == ["layers_absurd", "medical_packaging"]


async def test_what_was_bagged_is_not_taken_out_again(town_session: WriteSession, world: World) -> None:
    row, _ = await label_container(town_session, world.generator.owner, a_bag(world), at=AT)
    into = Filling(packaging=Packaging.BAG, volume_l=60, weighing=weighed("4 kg", tare="100 g", uncertainty="10 g"))
    again = Repack(from_ids=(row.id,), into=(into,), repacked_on=TODAY)
    assert await codes_broken(repack(town_session, world.generator.owner, again, at=AT)) == ["medical_taken_out"]


@pytest.mark.parametrize("packaging", [Packaging.BAG, Packaging.BIG_BAG, Packaging.PALLET])
def test_a_liquid_is_put_into_what_holds_it_and_nothing_half_solid_lies_loose(packaging: Packaging) -> None:
    assert rules("900-249-08", packaging, Packed(), Form.LIQUID) == ["liquid_in_bag"]
    loose = ["half_solid_loose"] if packaging is Packaging.PALLET else []
    assert rules("336-064-17", packaging, Packed(), Form.SEMI_SOLID) == loose
    assert rules("336-064-17", packaging, Packed(), Form.SOLID) == []
    assert rules("900-249-08", Packaging.DRUM, Packed(), Form.LIQUID) == []
    assert rules("900-001-S17", packaging, Packed(), Form.LIQUID) == [], "general waste has another standard"


async def test_oil_in_a_big_bag_gets_no_label(town_session: WriteSession, world: World) -> None:
    bag = replace(drum_of("180 kg", world), packaging=Packaging.BIG_BAG, volume_l=1_000)
    assert await codes_broken(label_container(town_session, world.generator.owner, bag, at=AT)) == ["liquid_in_bag"]
