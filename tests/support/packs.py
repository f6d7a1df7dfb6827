"""Case packs in a test's hands: opened, and put together again as if the operator had made them so."""

import io
import zipfile

from wastetrack.reports.chains import case_files
from wastetrack.transparency.note import Signer, sign


def unpacked(pack: bytes) -> dict[str, bytes]:
    """The files by their names."""
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def signed_again(files: dict[str, bytes], signer: Signer) -> bytes:
    """As if the operator had made it so."""
    own = {case_files.MANIFEST, case_files.SIGNATURE}
    files[case_files.MANIFEST] = case_files.manifest({name: data for name, data in files.items() if name not in own})
    files[case_files.SIGNATURE] = sign(case_files.signed_text(signer.name, files[case_files.MANIFEST]), signer).encode()
    return case_files.zipped(files)
