"""Pages of signing: the words before the signature, another's factor on this device, and “this was not me”."""

import re

from tests.support.served import PASSWORD, PEOPLE, Visitor
from tests.support.trade import Trade


async def led_to(visitor: Visitor, path: str, fields: dict[str, str], *, page: str) -> str:
    """The address of the words that a form leads to."""
    read = await visitor.send_form(path, fields, page=page)
    assert read.status_code == 303, read.text
    address: str = read.headers["location"]
    return address


async def test_the_words_stand_on_the_page_in_both_languages(trade: Trade) -> None:
    here = f"/manifests/{await trade.filed(await trade.labelled())}"
    driver = await trade.served.page_visitor("driver")
    address = await led_to(driver, f"{here}/sign/pick-up", {}, page=here)
    chinese = (await driver.get(address)).text
    for said in ("您将签署以下内容", "已装载完毕", trade.world.plate, "180 kg", "punishable", PEOPLE["driver"][0]):
        assert said in chinese, said
    english = (await driver.get(f"{address}?lang=en")).text
    assert "This is what you sign" in english
    await driver.get(f"{address}?lang=zh")


async def test_a_wrong_factor_brings_the_words_back_and_signs_nothing(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    here, driver = f"/manifests/{manifest_id}", await trade.served.page_visitor("driver")
    address = await led_to(driver, f"{here}/sign/pick-up", {}, page=here)
    wrong = await driver.send_form(address, {"factor_password": "guessed"}, page=address)
    assert wrong.status_code == 422
    assert "您将签署以下内容" in wrong.text
    assert "guessed" not in wrong.text
    none = await driver.send_form(address, {}, page=address)
    assert none.status_code == 422
    assert (await trade.standing(manifest_id))["manifest"]["state"] == "filed"
    assert (await driver.send_form(address, {"factor_password": PASSWORD}, page=address)).status_code == 303


async def test_what_is_shown_to_one_is_not_there_for_another(trade: Trade) -> None:
    here = f"/manifests/{await trade.filed(await trade.labelled())}"
    driver = await trade.served.page_visitor("driver")
    address = await led_to(driver, f"{here}/sign/pick-up", {}, page=here)
    for login in ("carrier", "stranger", "inspector"):
        assert (await (await trade.served.page_visitor(login)).get(address)).status_code == 404
    nobody = trade.served.visitor()
    assert (await nobody.get(address)).headers["location"].startswith("/sign-in")


async def test_the_driver_signs_on_the_gates_device(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    here, gate = f"/manifests/{manifest_id}", await trade.served.page_visitor("gate")
    empty = await gate.send_form(f"{here}/sign-here", {"step": "pick-up"}, page=here)
    assert empty.status_code == 422
    strange = await gate.send_form(f"{here}/sign-here", {"step": "pick-up", "signer_login": "stranger"}, page=here)
    assert strange.status_code == 422
    assert 'value="stranger"' in strange.text
    address = await led_to(gate, f"{here}/sign-here", {"step": "pick-up", "signer_login": "driver"}, page=here)
    shown = (await gate.get(address)).text
    assert f"{PEOPLE['driver'][0]} 正在您的设备上签署" in shown
    assert (await gate.send_form(address, {"factor_password": PASSWORD}, page=address)).status_code == 303
    # The device is still the gate's.
    assert PEOPLE["gate"][0] in (await gate.get("/account")).text
    [signed] = [one for one in (await trade.standing(manifest_id))["manifest"]["signatures"] if one["act"] == "pick_up"]
    assert signed["person"] == PEOPLE["driver"][0]


async def test_the_device_form_is_for_parties_alone(trade: Trade) -> None:
    here = f"/manifests/{await trade.filed(await trade.labelled())}"
    assert "sign-here" in (await (await trade.served.page_visitor("gate")).get(here)).text
    assert "sign-here" not in (await (await trade.served.page_visitor("inspector")).get(here)).text
    # The driver's own step stands above; there is nothing left for others to sign.
    assert "sign-here" not in (await (await trade.served.page_visitor("driver")).get(here)).text


async def test_a_signer_finds_what_he_signed_and_disowns_it(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    here, driver = f"/manifests/{manifest_id}", await trade.served.page_visitor("driver")
    await driver.sign_form(f"{here}/sign/pick-up", {}, page=here)
    listed = (await driver.get("/signed")).text
    assert "已装载完毕" in listed
    receipt = re.findall(r"/log/events/[0-9a-f-]{36}/receipt\.json", listed)[0]
    for copy in (f"{here}/manifest.pdf", receipt):
        assert copy in listed
        assert (await driver.get(copy)).status_code == 200
    assert f"{here}/bundle.json" not in listed
    address = re.findall(r"/signed/[0-9a-f-]{36}/repudiation", listed)[0]
    silent = await driver.send_form(address, {"reason": ""}, page="/signed")
    assert silent.status_code == 422
    # Nobody disowns another's signature.
    assert (
        await (await trade.served.page_visitor("owner")).send_form(address, {"reason": "x"}, page="/signed")
    ).status_code == 404
    done = await driver.send_form(address, {"reason": "手机当天不在我手里"}, page="/signed")
    assert done.status_code == 303
    again = await driver.send_form(address, {"reason": "手机当天不在我手里"}, page="/signed")
    assert again.status_code == 409
    for login, sees in (("carrier", True), ("inspector", True), ("receiver", False), ("stranger", False)):
        text = (await (await trade.served.page_visitor(login)).get("/signed")).text
        assert ("被否认的签署" in text and manifest_id in text) is sees, login
    chain = (await (await trade.served.page_visitor("inspector")).get(f"/audit/manifests/{manifest_id}")).text
    assert "签署被否认" in chain
    assert "手机当天不在我手里" in chain
