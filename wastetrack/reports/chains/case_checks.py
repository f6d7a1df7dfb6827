"""Verifying a case pack with nothing but the file and the log's key: each figure is made anew from the events."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping

from wastetrack.errors import Malformed, WastetrackError
from wastetrack.reports import bundle
from wastetrack.reports.bundle_checks import Check, Verdict
from wastetrack.reports.chains import case_files, cases
from wastetrack.reports.chains.model import Event
from wastetrack.reports.chains.reading import event_of
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.note import Verifier, open_note

_LARGEST = 256 * 1024 * 1024


def is_pack(data: bytes) -> bool:
    """Whether this is a ZIP, and so no bundle."""
    return data.startswith(b"PK")


def verify_pack(data: bytes, verifier_key: str, titles: Mapping[str, str]) -> Verdict:
    """All that was checked of a pack, in order. Never raises."""
    checks: list[Check] = []
    try:
        verifier = Verifier.parse(verifier_key)
        files = _unpacked(data)
        checks.append(Check("pack", "The pack holds its {count} files and nothing else.", {"count": len(files)}))
        made_by = _digests(files, checks)
        _signature(files, verifier, checks)
    except WastetrackError as error:
        return Verdict((*checks, Check("pack", error.message, error.facts, code=error.code)), None)
    proved = bundle.verify_file(files[case_files.BUNDLE], str(verifier))
    checks += proved.checks
    if proved.holds:
        try:
            _figures(files, titles, made_by, checks)
        except (WastetrackError, ValueError, KeyError, TypeError, LookupError) as error:
            why = error.message.format(**error.facts) if isinstance(error, WastetrackError) else str(error)
            checks.append(Check("figures", "The figures cannot be made anew: {why}", {"why": why}, code="case.figures"))
    return Verdict(tuple(checks), proved.first_wrong)


def _unpacked(data: bytes) -> dict[str, bytes]:
    """The files. Built anew they are the same bytes: nothing hides between them, and none stands twice."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            names = tuple(pack.namelist())
            if names not in {case_files.ORDER, case_files.ORDER_WITH_FINDING}:
                raise Malformed("case.files", "The pack holds other files than a case pack: {names}", names=list(names))
            if sum(one.file_size for one in pack.infolist()) > _LARGEST:
                raise Malformed("case.too_large", "The pack is too large to be looked at.")
            files = {name: pack.read(name) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise Malformed("case.not_zip", "The pack is damaged: {why}", why=str(error)) from error
    if case_files.zipped(files) != data:
        raise Malformed("case.not_as_made", "The pack is not as it was made: there are other bytes around its files.")
    return files


def _digests(files: Mapping[str, bytes], checks: list[Check]) -> object:
    try:
        listed = json.loads(files[case_files.MANIFEST].decode())
        told = {name: (one["sha256"], one["bytes"]) for name, one in listed["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed("case.manifest", "The list of digests cannot be read: {why}", why=str(error)) from error
    own = {case_files.MANIFEST, case_files.SIGNATURE}
    if told.keys() != files.keys() - own:
        raise Malformed("case.manifest", "The list of digests names other files: {why}", why=sorted(told))
    for name, (digest, size) in told.items():
        if (hashlib.sha256(files[name]).hexdigest(), len(files[name])) != (digest, size):
            raise Malformed("case.digest", "{name} is not the file that was listed.", name=name)
        checks.append(Check("digest", "{name} has its digest.", {"name": name}))
    return listed.get("made_by")


def _signature(files: Mapping[str, bytes], verifier: Verifier, checks: list[Check]) -> None:
    text = open_note(files[case_files.SIGNATURE].decode(errors="replace"), verifier)
    if text != case_files.signed_text(verifier.name, files[case_files.MANIFEST]):
        raise Malformed("case.signature", "The signature is of another list of digests.")
    checks.append(Check("signed", "{name} signed the list of digests.", {"name": verifier.name}))


def events_of(bundled: bytes) -> list[Event]:
    """The events of a bundle, in the order of the log."""
    found = []
    for one in json.loads(bundled.decode())["events"]:
        content = one["leaf"].encode()
        found.append(event_of(content, leaf_hash=leaf_hash(content), log_index=one["log_index"]))
    return found


def _figures(files: Mapping[str, bytes], titles: Mapping[str, str], made_by: object, checks: list[Check]) -> None:
    case = cases.read(files[case_files.CASE])
    made = cases.tables(case, events_of(files[case_files.BUNDLE]), titles)
    derived = case_files.derived(case, made)
    # A sheet about a finding that the case does not hold is nothing that anybody found.
    derived |= {name: b"" for name in case_files.OF_FINDING if name in files and name not in derived}
    for name, data in derived.items():
        if name in case_files.OF_FINDING and data == files.get(name):
            checks.append(Check("figures", "{name} says what the case holds of its finding.", {"name": name}))
        elif data == files.get(name):
            checks.append(Check("figures", "{name} says what follows from the events.", {"name": name}))
        elif made_by != case_files.made_by():
            sentence = "{name} is as the log signed it; it was made by {versions}, and so is not drawn anew here."
            checks.append(Check("figures", sentence, {"name": name, "versions": json.dumps(made_by)}))
        else:
            sentence = "{name} does not say what follows from the events."
            checks.append(Check("figures", sentence, {"name": name}, code="case.figures_differ"))
