"""What the tables of answers say of the whole code, and no other test shows: looked for in the sources and tried."""

import ast
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.params import Form
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from sqlalchemy import text

from tests.support import parties as made
from tests.support.databases import Cluster
from tests.support.served import PASSWORD, Served, served_on
from tests.support.trade import API, Trade, asked
from tests.support.wire import on_the_wire
from tests.support.world import World
from wastetrack import clock, resources
from wastetrack.auth import passwords
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import writing
from wastetrack.i18n import translate
from wastetrack.parties.registering import register_organisation
from wastetrack.serving.logs import JsonLines
from wastetrack.web import signing_in

SOURCES = sorted(resources.PACKAGE.rglob("*.py"))
TEMPLATES = sorted(resources.templates_dir().rglob("*.html"))
LINKS_THAT_WORK_ONCE = {"/join"}
"""Addresses that are secrets themselves, as links in messages are; used up by what they lead to."""
MARKUP = '<script>alert("1")</script>'


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a source, by the dotted name of what is called."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imports(file: Path) -> set[str]:
    """The top-level names of what a source imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_no_code_or_command_is_made_of_text() -> None:
    evaluating = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "jinja2.Template", "Template"}
    restoring = {"pickle", "marshal", "shelve", "dill", "xml", "lxml"}
    for file in SOURCES:
        assert not imports(file) & restoring, file
        for name, call in calls(file):
            assert name not in evaluating, f"{file}:{call.lineno}"
            assert not name.endswith("from_string"), f"{file}:{call.lineno}"
            shell = [word for word in call.keywords if word.arg == "shell"]
            assert not shell, f"{file}:{call.lineno}"
            if name.startswith("subprocess."):
                assert not isinstance(call.args[0], ast.JoinedStr | ast.Constant), f"{file}:{call.lineno}"


def test_patterns_are_constants() -> None:
    matching = {"re.compile", "re.match", "re.fullmatch", "re.search", "re.sub", "re.findall", "re.split"}
    for file in SOURCES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        of_module = {
            id(call) for part in tree.body if isinstance(part, ast.Assign | ast.AnnAssign) for call in ast.walk(part)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in matching:
                constant = isinstance(node.args[0], ast.Constant)
                assert constant or id(node) in of_module, f"{file}:{node.lineno}"


def test_hashes_and_ciphers_are_current() -> None:
    for file in SOURCES:
        source = file.read_text(encoding="utf-8")
        named = set(re.findall(r'hashlib\.(\w+)(?:\(\w+, "(\w+)"\))?', source))
        assert {kind or name for name, kind in named} <= {"sha256", "blake2b"}, file
        assert not re.search(r"\b(md5|sha1|rc4|blowfish|3des|triple_?des|ecb)\b", source, re.IGNORECASE), file
        primitives = set(re.findall(r"cryptography\.hazmat\.primitives\.([\w.]+) import", source))
        curve = {"asymmetric.ec", "asymmetric.utils"} if "SECP256R1" in source else set()  # what browsers sign with
        assert primitives <= {"asymmetric.ed25519", "ciphers.aead", "hashes", "kdf.hkdf", "serialization"} | curve, file
        assert not re.search(r"SECP(?!256R1)|SECT|Brainpool", source), file


def test_secrets_come_from_the_generator_of_the_system() -> None:
    for file in SOURCES:
        if "benchmarking" in file.parts or "demonstration" in file.parts:
            continue  # their firms are invented
        assert "random" not in imports(file), file
        for name, call in calls(file):
            if name in {"secrets.token_urlsafe", "secrets.token_bytes"} and isinstance(call.args[0], ast.Constant):
                bytes_of_secret = call.args[0].value
                assert isinstance(bytes_of_secret, int)
                assert bytes_of_secret >= 16 or "cli" in file.parts, f"{file}:{call.lineno}"


def test_our_scripts_write_no_markup() -> None:
    scripts = [file for file in resources.static_dir().rglob("*.js") if "vendor" not in file.parts]
    for file in scripts:
        source = file.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", source), (
            file
        )
        assert not re.search(r"localStorage|sessionStorage|Object\.assign|__proto__|postMessage", source), file
    # What htmx would keep of pages for the way back is switched off.
    assert '"historyCacheSize": 0' in (resources.templates_dir() / "base.html").read_text(encoding="utf-8")


async def test_what_others_wrote_is_shown_as_text(trade: Trade) -> None:
    async with writing(trade.served.owner) as session:
        command = made.firm_command(name=f"{MARKUP}有限公司", address=MARKUP)
        firm = await register_organisation(session, made.platform_operator(), command, at=clock.now())
    owner = await trade.served.page_visitor("owner")
    sought = (f"/search?q={MARKUP}", f"/audit?q={MARKUP}9")  # the second is found nowhere, and said again
    for path in (f"/organisations/{firm.id}", "/organisations?q=script", *sought):
        page = (await owner.get(path)).text
        assert "alert(" in page
        assert MARKUP not in page
    found = await asked(await trade.shipper(), "/organisations?search=script")
    assert MARKUP in found["items"][0]["name"]


async def test_text_of_a_request_never_becomes_part_of_a_statement(trade: Trade) -> None:
    shipper = await trade.shipper()
    wicked = "zz' or 1=1 --"
    asked_for = (f"/organisations?search={wicked}", f"/containers?search={wicked}", f"/containers?waste_code={wicked}")
    for path in asked_for:
        with on_the_wire(trade.app.state.engine) as sent:
            found = await asked(shipper, path)
        assert found["items"] == []
        assert sent
        assert not [statement for statement in sent if "1=1" in statement]


def test_a_place_in_a_fact_is_only_text() -> None:
    told = translate("“{value}” is unknown.", "en", value="{password} {0.__class__}")
    assert told == "“{password} {0.__class__}” is unknown."


async def test_cookies_are_for_this_site_and_not_for_scripts(served: Served) -> None:
    visitor = served.visitor()
    answers = [await visitor.get("/sign-in?lang=en"), await visitor.sign_in("viewer")]
    cookies = [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]
    assert len(cookies) >= 3
    for cookie in cookies:
        assert "httponly" in cookie.lower(), cookie
        assert re.search(r"samesite=(lax|strict)", cookie.lower()), cookie


@pytest.fixture
async def behind_tls(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Any:  # noqa: ANN401  a generator
    """The application as it is set behind TLS."""
    address = cluster.clone(town[1].database)
    async with served_on(address.url, town[0], tmp_path, secure_cookies=True) as served:
        yield served
    cluster.drop(address)


async def test_behind_tls_every_answer_insists_on_it(behind_tls: Served) -> None:
    visitor = behind_tls.visitor()
    for path in ("/sign-in", "/api/v1/me", "/nowhere", "/health"):
        header = (await visitor.get(path)).headers["strict-transport-security"]
        assert header == "max-age=31536000; includeSubDomains"
    signed_in = await visitor.post("/api/v1/sign-in", json={"login": "owner", "password": PASSWORD})
    assert signed_in.status_code == 201
    page = await visitor.get("/sign-in")
    assert all("secure" in cookie.lower() for cookie in page.headers.get_list("set-cookie"))


async def test_no_other_origin_is_let_in(served: Served) -> None:
    visitor = await served.api_visitor("owner")
    elsewhere = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for verb, path in (
        ("GET", "/api/v1/me"),
        ("OPTIONS", "/api/v1/manifests"),
        ("TRACE", "/api/v1/me"),
        ("TRACE", "/"),
    ):
        answer = await visitor.http.request(verb, path, headers={**visitor._headers({}), **elsewhere})
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert verb == "GET" or answer.status_code == 405, (verb, path)


async def test_every_answer_names_its_type_and_text_its_charset(trade: Trade) -> None:
    drum = await trade.labelled()
    program, browser = await trade.shipper(), await trade.served.page_visitor("owner")
    paths = {
        f"{API}/me": "application/json",
        f"{API}/nowhere": "application/problem+json",
        f"{API}/log/key": "text/plain; charset=utf-8",
        f"{API}/containers/{drum['id']}/label.pdf": "application/pdf",
        f"{API}/containers/{drum['id']}/label.txt": "text/plain; charset=utf-8",
        f"{API}/containers/{drum['id']}/qr.svg": "image/svg+xml",
        f"{API}/containers/{drum['id']}/qr.png": "image/png",
        "/": "text/html; charset=utf-8",
        "/nowhere": "text/html; charset=utf-8",
    }
    for path, kind in paths.items():
        visitor = program if path.startswith(API) else browser
        assert (await visitor.get(path)).headers["content-type"] == kind, path


async def test_names_of_files_are_built_from_numbers_and_ids(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled(waste_name='油"; filename="evil.exe'))
    shipper = await trade.shipper()
    for path in (f"/manifests/{manifest_id}/manifest.pdf", f"/manifests/{manifest_id}/bundle"):
        given = (await shipper.get(API + path)).headers["content-disposition"]
        assert re.fullmatch(r'(inline|attachment); filename="[a-z]+-[0-9]{14}\.(pdf|json)"', given), given


def test_passwords_are_judged_by_length_and_not_by_mixture() -> None:
    for good in (
        "only lower case letters",
        "四个互不相干的词语组成的口令",
        "18463950271655820913",
        "x y z " * 30,
    ):
        assert passwords.weaknesses(good, login="zhang") == [] or len(set(good)) < 6, good
    assert passwords.weaknesses("eleven char", login="zhang")
    assert not passwords.weaknesses("seven quiet harbours at noon and nine loud rivers at dawn", login="zhang")
    assert not [field for field in ("password_changed_at", "password_expires_at") if field in source_of_auth_tables()]


def source_of_auth_tables() -> str:
    return (resources.PACKAGE / "auth" / "tables.py").read_text(encoding="utf-8")


async def test_a_password_is_taken_exactly_as_it_was_sent() -> None:
    stored = await passwords.hash_password(" Seven Quiet Harbours ")
    assert (await passwords.verify(stored, " Seven Quiet Harbours ")).fits
    for other in ("Seven Quiet Harbours", " seven quiet harbours ", " Seven Quiet Harbours", " Seven Quiet Harbours  "):
        assert not (await passwords.verify(stored, other)).fits


def test_password_fields_hide_and_let_managers_fill() -> None:
    fields = 0
    for file in TEMPLATES:
        source = file.read_text(encoding="utf-8")
        assert "onpaste" not in source
        for field in source.splitlines():
            if "factors.password(filled, " in field:  # the macro of factors.html, whose own line is looked at below
                assert "autocomplete=" not in field or 'autocomplete="new-password"' in field, (file, field)
                fields += 1
                continue
            if not re.search(r"(forms\.text\(filled, |name=)(\"(password|present|wanted)\"|name, label, type)", field):
                continue
            assert 'type="password"' in field, (file, field)
            assert re.search(r"autocomplete=(\"(current|new)-password\"|autocomplete)", field), (file, field)
            fields += 1
    assert fields >= 6


def test_nobody_is_asked_secret_questions() -> None:
    tables = source_of_auth_tables()
    assert not re.search(r"question|hint|mother|birth", tables, re.IGNORECASE)
    assert not re.search(r"question|hint", Path(str(signing_in.__file__)).read_text(encoding="utf-8"), re.IGNORECASE)


async def test_a_new_database_has_no_accounts(cluster: Cluster) -> None:
    address = cluster.clone()
    engine = make_engine(address.url, pool_size=1)
    async with engine.connect() as connection:
        for table in ("people", "memberships", "tokens", "sign_in_sessions"):
            assert (await connection.execute(text(f"select count(*) from {table}"))).scalar() == 0  # noqa: S608  ours
    await engine.dispose()
    cluster.drop(address)


@pytest.mark.parametrize("login", ["owner", "driver", "inspector", "operator"])
async def test_every_page_has_the_way_out(served: Served, login: str) -> None:
    browser = await served.page_visitor(login)
    for path in ("/", "/account", "/organisations", "/nowhere", "/codes"):
        assert 'action="/sign-out"' in (await browser.get(path)).text, path


async def test_bodies_take_no_field_that_is_not_declared(served: Served) -> None:
    tried = 0
    for context in iter_route_contexts(served.app.routes):
        field = getattr(context, "body_field", None)
        if field is None or not str(context.path).startswith("/api/") or isinstance(field.field_info, Form):
            # Forms of protocols must let pass what they do not know (RFC 6749 §3.2); files have fields of their own.
            continue
        model = field.field_info.annotation
        assert isinstance(model, type), context.path
        assert issubclass(model, BaseModel), context.path
        assert model.model_config.get("extra") == "forbid", context.path
        tried += 1
    assert tried > 20


async def test_a_parameter_is_taken_from_its_one_place(trade: Trade) -> None:
    manifest_id, other = await trade.filed(await trade.labelled()), await trade.filed(await trade.labelled())
    shipper = await trade.shipper()
    found = await asked(shipper, f"/manifests/{manifest_id}?manifest_id={other}")
    assert found["manifest"]["id"] == manifest_id
    reason = {"reason": "改期", "manifest_id": other}
    refused = await shipper.send_json(f"{API}/manifests/{manifest_id}/cancellation", reason)
    assert refused.status_code == 422


async def test_what_is_public_is_public_on_purpose(served: Served) -> None:
    visitor = served.visitor()
    for path in ("/docs", "/redoc", "/openapi.json", "/metrics", "/debug", "/.git/config", "/.env"):
        assert (await visitor.get(path)).status_code in {303, 404}, path
    for path in ("/health", "/ready", "/api/v1/openapi.json"):
        assert (await visitor.get(path)).status_code == 200, path


async def test_no_secret_travels_in_an_address(served: Served) -> None:
    secret = re.compile(r"password|token$|secret|csrf|session", re.IGNORECASE)
    for context in iter_route_contexts(served.app.routes):
        dependant: Any = getattr(context, "dependant", None)
        names = [] if dependant is None else [field.name for field in dependant.query_params]
        assert not [name for name in names if secret.search(name)] or context.path in LINKS_THAT_WORK_ONCE, context.path


async def test_a_link_that_works_once_goes_to_no_other_site_and_into_no_cache(served: Served) -> None:
    for path in LINKS_THAT_WORK_ONCE:
        page = await served.visitor().get(f"{path}?token=wi_{'A' * 43}")
        assert page.headers["referrer-policy"] in {"no-referrer", "same-origin"}
        assert page.headers["cache-control"] == "no-store"


async def test_a_line_of_the_log_tells_who_did_what_and_no_secret(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    owner = await served.api_visitor("owner")
    me = await asked(owner, "/me")
    with caplog.at_level(logging.INFO, "wastetrack.access"):
        await owner.get(f"{API}/organisations?search=geheim", headers={"X-Request-Id": "number-0001"})
        await served.visitor().sign_in_at_api("nobody@example.test", "a password that is wrong")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    line = next(line for line in lines if line.get("path") == f"{API}/organisations")
    assert (line["method"], line["status"], line["person"]) == ("GET", 200, me["person_id"])
    assert line["at"].endswith("+00:00")
    everything = json.dumps(lines)
    for secret in ("geheim", "a password that is wrong", owner.bearer or "-"):
        assert secret not in everything


def test_a_line_of_the_log_is_one_line_whatever_it_says() -> None:
    wicked = 'GET /\n{"at": "2026-01-01", "person": "forged"}\r\x1b[31m'
    record = logging.LogRecord("wastetrack.access", logging.INFO, "f", 1, "%s", (wicked,), None)
    record.path = wicked
    line = JsonLines().format(record)
    assert "\n" not in line
    assert "\r" not in line
    assert "\x1b" not in line
    assert json.loads(line)["path"] == wicked


async def test_a_refusal_is_in_the_log(trade: Trade, caplog: pytest.LogCaptureFixture) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    viewer, stranger = await trade.served.api_visitor("viewer"), await trade.stranger()
    with caplog.at_level(logging.INFO, "wastetrack.access"):
        await viewer.send_json(f"{API}/manifests/{manifest_id}/voiding", {"reason": "x"})
        await stranger.get(f"{API}/manifests/{manifest_id}")
        await (await trade.nobody()).get(f"{API}/manifests/{manifest_id}")
    lines = [vars(record) for record in caplog.records if record.name == "wastetrack.access"]
    told = [(line["status"], line["person"] is not None) for line in lines]
    assert told == [(403, True), (404, True), (401, False)]
