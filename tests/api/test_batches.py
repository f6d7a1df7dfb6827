"""Batches over the API: begun, finished, told with their balance."""

from tests.support.trade import API, Trade, sent, today


async def test_a_batch_is_begun_finished_and_told_with_its_balance(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(2)]
    await trade.received(*drums)
    gate = await trade.gate()
    begun = await sent(
        gate,
        "/treatments/begun",
        {
            "site_id": str(trade.world.receiver.site.id),
            "container_ids": [drum["id"] for drum in drums],
            "method": "R9",
            "begun_on": today().isoformat(),
            "recipe": "蒸馏 2号方",
            "components": [{"name": "废矿物油", "quantity": "80", "unit": "%"}],
        },
        expect=201,
    )
    batch_id = begun["batch"]["id"]
    assert (begun["batch"]["state"], begun["batch"]["input_g"]) == ("running", 360_000)
    finished = await sent(
        gate,
        f"/treatments/{batch_id}/finish",
        {
            "treated_on": today().isoformat(),
            "readings": [
                {"kind": "energy", "name": "电", "quantity": "1200.5", "unit": "kWh"},
                {"kind": "reagent", "name": "白土", "quantity": "2.5", "unit": "kg"},
            ],
            "products": [{"name": "再生基础油", "mass_g": 280_000, "destination": "润滑油公司"}],
            "heels": [{"container_id": drums[0]["id"], "gross_g": 21_000}],
        },
        expect=201,
    )
    assert finished["batch"]["input_g"] == 359_000
    whole = (await gate.get(f"{API}/treatments/{batch_id}")).json()
    assert (whole["state"], whole["product_g"], whole["reagent_g"]) == ("finished", 280_000, 2_500)
    assert whole["rest_g"] == 359_000 + 2_500 - 280_000
    assert [one["digital_code"] for one in whole["containers"]] == [drums[1]["digital_code"]]
    assert [one["name"] for one in whole["readings"]] == ["废矿物油", "电", "白土"]
    assert whole["products"] == [{"name": "再生基础油", "mass_g": 280_000, "destination": "润滑油公司"}]
    left = (await gate.get(f"{API}/containers/{drums[0]['id']}")).json()
    assert (left["state"], left["net_g"]) == ("at_site", 1_000)
    assert (await (await trade.shipper()).get(f"{API}/treatments/{batch_id}")).status_code == 404
    again = await gate.send_json(f"{API}/treatments/{batch_id}/finish", {"treated_on": today().isoformat()})
    assert (again.status_code, again.json()["code"]) == (409, "batch_over")
