"""Commands of tests that are about other things than the signature: signed with a password, as the server vouches."""

from functools import partial

from wastetrack.containers.statements import Signing
from wastetrack.manifests import model
from wastetrack.manifests.giving_evidence import vouched
from wastetrack.transparency.evidence import EvidenceKind

BY_PASSWORD = Signing(seal=vouched(EvidenceKind.PASSWORD))

SignAct = partial(model.SignAct, signing=BY_PASSWORD)
Receive = partial(model.Receive, signing=BY_PASSWORD)
RequestCorrection = partial(model.RequestCorrection, signing=BY_PASSWORD)
AnswerCorrection = partial(model.AnswerCorrection, signing=BY_PASSWORD)
