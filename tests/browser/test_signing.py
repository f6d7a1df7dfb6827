"""A driver signs a pick-up with a passkey of Chromium’s virtual authenticator; a third party verifies it offline."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.desks import Desk, file_a_manifest, label_a_drum
from tests.support.served import PASSWORD
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.commits]


def plug_in(desk: Desk) -> None:
    """A phone that recognises its holder."""
    devices = desk.context.new_cdp_session(desk.page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def enrol(desk: Desk) -> None:
    """A passkey, on the account's own page."""
    page = desk.page
    page.goto("/account/factors")
    page.get_by_label("您的密码").fill(PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.get_by_label("设备名称").fill("司机的手机")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.get_by_role("status")).to_contain_text("通行密钥已添加")


def verify(folder: Path, text: str, key: str) -> "subprocess.CompletedProcess[str]":
    """`wastetrack audit verify`, in a process of its own that knows nothing of the server."""
    file = folder / "bundle.json"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "wastetrack.cli.main", "audit", "verify", str(file), "--key", key]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def with_one_byte_changed(text: str, kind: str, after: str) -> str:
    """The bundle in which one byte of one event's leaf is another: the one that follows `after`."""
    tree = json.loads(text)
    [event] = [one for one in tree["events"] if one["kind"] == kind]
    at = event["leaf"].index(after) + len(after)
    event["leaf"] = event["leaf"][:at] + ("A" if event["leaf"][at] != "A" else "B") + event["leaf"][at + 1 :]
    return json.dumps(tree, ensure_ascii=False)


def test_a_pick_up_is_signed_with_a_passkey_and_verified_offline(
    chromium: Browser, address: str, world: World, tmp_path: Path
) -> None:
    generator = Desk(chromium, address, "owner")
    label_a_drum(generator, "200")
    manifest = file_a_manifest(generator, world.plate, 1)
    generator.close()

    driver = Desk(chromium, address, "driver", phone=True)
    plug_in(driver)
    enrol(driver)
    driver.page.goto(manifest)
    driver.page.get_by_role("button", name="签字：已装车启运").click()
    expect(driver.page.locator(".plain-words").first).to_contain_text(world.plate)
    driver.page.get_by_role("button", name="使用通行密钥").click()
    expect(driver.page.get_by_role("status")).to_contain_text("已签字")
    driver.page.goto("/signed")
    expect(driver.page.locator(".signed li").first).to_contain_text("装车启运")
    driver.close()

    authority = Desk(chromium, address, "inspector")
    text = authority.page.request.get(f"{manifest}/bundle.json?why=routine_inspection").text()
    key = authority.page.request.get("/api/v1/log/key").text().strip()
    authority.close()

    true = verify(tmp_path, text, key)
    assert true.returncode == 0, true.stdout
    assert "Signed with the passkey" in true.stdout
    assert "the signature holds" in true.stdout
    for after in ('"organisation":"', '"signature":"', '"client_data":"'):
        false = verify(tmp_path, with_one_byte_changed(text, "manifest_picked_up", after), key)
        assert false.returncode == 1, false.stdout
        assert "manifest_picked_up" in false.stdout.rpartition("The first wrong event is")[2], false.stdout
