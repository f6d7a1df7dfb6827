"""Recompute the whole log from nothing but the leaves' bytes and compare it with everything that is stored.

Reads in pages, in one transaction that sees one moment; memory does not grow with the log. What is wrong comes back
as findings, the first wrong leaf among them; nothing is repaired and nothing raised.
"""

import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.transparency import audit_queries, checkpoint
from wastetrack.transparency.audit_queries import LeafRow
from wastetrack.transparency.errors import LeafRefused, NoteRefused
from wastetrack.transparency.hashing import HASH_BYTES, leaf_hash
from wastetrack.transparency.leaf import Leaf, personal_bytes, personal_digest, read
from wastetrack.transparency.note import Verifier
from wastetrack.transparency.queries import StoredCheckpoint
from wastetrack.transparency.tree import Coordinate, Frontier, Row

_PAGE = 2000
_MOST_KEPT = 1000


class Fault(StrEnum):
    """What can be wrong."""

    LEAF_MISSING = "leaf_missing"  # a place in the tree is given to a leaf that is not there
    LEAF_UNREADABLE = "leaf_unreadable"  # the bytes are no leaf, or not canonical
    LEAF_COLUMNS = "leaf_columns"  # a column says otherwise than the bytes
    LEAF_HASH = "leaf_hash"  # the stored hash is not that of the bytes
    LEAF_NOT_IN_TREE = "leaf_not_in_tree"  # the tree was built over other bytes
    LEAF_PERSONAL = "leaf_personal"  # the personal part is not the one the leaf was made of
    NEVER_TAKEN_UP = "never_taken_up"  # neither placed nor waiting
    PENDING_WRONG = "pending_wrong"  # waiting although placed, or without a leaf
    SEQUENCE_GAP = "sequence_gap"  # an index is left out
    NODE_WRONG = "node_wrong"  # a node is not the hash of its children, or is missing
    NODE_BEYOND = "node_beyond"  # a node outside the tree
    CHECKPOINT_ROOT = "checkpoint_root"  # a checkpoint states another root than the leaves give
    CHECKPOINT_SIGNATURE = "checkpoint_signature"  # a checkpoint cannot be read or is not signed by this key
    CHECKPOINT_SIZE = "checkpoint_size"  # the newest checkpoint does not cover exactly the placed leaves


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; `message` is a sentence with places that `facts` fill."""

    fault: Fault
    message: str
    log_index: int | None = None
    arrival: int | None = None
    event_id: UUID | None = None
    kind: str | None = None
    facts: dict[str, object] = field(default_factory=dict)

    def sentence(self) -> str:
        """The English sentence."""
        return self.message.format(**self.facts)


@dataclass(slots=True)
class Audit:
    """What an audit found. Only the first thousand findings are kept; `faults` counts them all."""

    placed: int = 0
    waiting: int = 0
    root: bytes = b""
    checkpoints: int = 0
    faults: int = 0
    findings: list[Finding] = field(default_factory=list)
    first_wrong_leaf: Finding | None = None

    @property
    def consistent(self) -> bool:
        """Nothing is wrong."""
        return self.faults == 0

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it while there is room."""
        self.faults += 1
        if len(self.findings) < _MOST_KEPT:
            self.findings.append(finding)
        if self.first_wrong_leaf is None and finding.arrival is not None:
            self.first_wrong_leaf = finding


async def audit(
    session: ReadSession, verifier: Verifier, *, page: int = _PAGE, progress: Callable[[int], None] = lambda _more: None
) -> Audit:
    """Check every leaf, node and checkpoint. The session should see one moment (`reading` gives such a one).

    `progress` is told how many more leaves were checked.
    """
    run = _Run(session, verifier, page, progress)
    await run.sequenced()
    await run.unsequenced()
    await run.remains()
    return run.audit


def check_leaf(row: LeafRow) -> Iterator[Finding]:
    """Whether a leaf's bytes are canonical and all columns beside them say the same."""
    if row.content is None:
        yield _of(row, Fault.LEAF_MISSING, "The leaf that arrived as {arrival} is gone.", arrival=row.arrival)
        return
    computed = leaf_hash(row.content)
    if row.hash != computed:
        yield _of(
            row,
            Fault.LEAF_HASH,
            "The bytes have the hash {computed}, stored is {stored}.",
            computed=computed.hex(),
            stored=(row.hash or b"").hex(),
        )
    try:
        leaf = read(row.content)
    except LeafRefused as error:
        yield _of(row, Fault.LEAF_UNREADABLE, "The bytes are no leaf: {why}", why=str(error))
        return
    for column, stored, told in (
        ("id", row.id, leaf.id),
        ("kind", row.kind, leaf.kind),
        ("recorded_at", row.recorded_at, leaf.recorded_at),
        ("subjects", sorted(row.subjects), sorted(leaf.subjects)),
    ):
        if stored != told:
            yield _of(
                row,
                Fault.LEAF_COLUMNS,
                "The column {column} says {stored}, the bytes say {told}.",
                column=column,
                stored=_plain(stored),
                told=_plain(told),
            )
    yield from _check_personal(row, leaf)


def _check_personal(row: LeafRow, leaf: Leaf) -> Iterator[Finding]:
    if row.salt is None:
        return  # there was no personal part, or it was erased
    try:
        digest = personal_digest(row.salt, personal_bytes(row.body))
    except LeafRefused:
        digest = None
    if digest is None or digest != leaf.personal:
        yield _of(row, Fault.LEAF_PERSONAL, "The personal part is not the one this leaf was made of.")


class _Run:
    """One pass over the log."""

    def __init__(self, session: ReadSession, verifier: Verifier, page: int, progress: Callable[[int], None]) -> None:
        self.session = session
        self.verifier = verifier
        self.page = page
        self.progress = progress
        self.audit = Audit()
        self.tree: Frontier | None = Frontier()
        self.wrong: list[int] = []  # indexes of leaves the tree was not built over, ascending
        self.root_told = False
        self.newest = 0

    async def sequenced(self) -> None:
        """Leaves in the order of the tree, the nodes over them, the checkpoints among them."""
        expected = 0
        while rows := await audit_queries.sequenced_page(self.session, expected, self.page):
            indexes = [row.log_index for row in rows if row.log_index is not None]
            nodes = await audit_queries.leaf_nodes(self.session, indexes[0], indexes[-1])
            hashes: list[bytes] = []
            for row, index in zip(rows, indexes, strict=True):
                if index != expected and self.tree is not None:
                    message = "Index {gap} is left out; the tree is not checked beyond."
                    self.audit.add(_of(row, Fault.SEQUENCE_GAP, message, gap=expected))
                    await self._integrate(hashes)
                    self.tree = None
                hashes.append(self._check_placed(row, index, nodes.get(index)))
                expected = index + 1
            if self.tree is not None:
                await self._integrate(hashes)
            self.progress(len(rows))
        self.audit.placed = expected
        if self.tree is not None:
            self.audit.root = self.tree.root()

    async def unsequenced(self) -> None:
        """Leaves without a place must wait for one."""
        after = -1
        while rows := await audit_queries.unsequenced_page(self.session, after, self.page):
            for row in rows:
                for finding in check_leaf(row):
                    self.audit.add(finding)
                if not row.pending:
                    self.audit.add(
                        _of(row, Fault.NEVER_TAKEN_UP, "The leaf has no place in the tree and waits for none.")
                    )
            self.audit.waiting += len(rows)
            self.progress(len(rows))
            after = rows[-1].arrival

    async def remains(self) -> None:
        """What stands outside: nodes beyond the tree, waiting arrivals without leaf, checkpoints of other sizes."""
        for arrival in await audit_queries.pending_without_leaf(self.session, _MOST_KEPT):
            self.audit.add(
                Finding(
                    Fault.PENDING_WRONG,
                    "Arrival {arrival} waits for a place but is no leaf.",
                    arrival=arrival,
                    facts={"arrival": arrival},
                )
            )
        if self.tree is None:
            return
        size = self.tree.size
        beyond = await audit_queries.node_beyond(self.session, size)
        if beyond is not None:
            self._tree_fault(Fault.NODE_BEYOND, "A node stands at level {level}, position {position}.", beyond)
        later = await audit_queries.checkpoints_between(self.session, size, 2**62)
        newest = later[-1].size if later else self.newest
        if newest != size:
            self.audit.add(
                Finding(
                    Fault.CHECKPOINT_SIZE,
                    "The newest checkpoint covers {newest} leaves; {size} have a place.",
                    facts={"newest": newest, "size": size},
                )
            )

    def _check_placed(self, row: LeafRow, index: int, node: bytes | None) -> bytes:
        """Check one leaf; gives the hash to build upon: of its bytes, or where they are gone the one built over."""
        for finding in check_leaf(row):
            self.audit.add(finding)
        if row.pending:
            self.audit.add(_of(row, Fault.PENDING_WRONG, "The leaf waits for a place that it already has."))
        if row.content is None:
            return node or bytes(HASH_BYTES)
        computed = leaf_hash(row.content)
        if node != computed:
            self.wrong.append(index)
            message = "The tree was built over a leaf with the hash {node}; these bytes have {computed}."
            facts = {"node": node.hex() if node else None, "computed": computed.hex()}
            self.audit.add(_of(row, Fault.LEAF_NOT_IN_TREE, message, **facts))
        return computed

    async def _integrate(self, hashes: list[bytes]) -> None:
        """Grow the tree by one page, stopping at each size for which a checkpoint was signed."""
        assert self.tree is not None  # noqa: S101  the caller stops at the first gap
        start = self.tree.size
        born: list[Row] = []
        for signed in await audit_queries.checkpoints_between(self.session, start, start + len(hashes)):
            grown = self.tree.append(hashes[self.tree.size - start : signed.size - start])
            self.tree = grown.frontier
            born += grown.rows
            self._check_checkpoint(signed)
        grown = self.tree.append(hashes[self.tree.size - start :])
        self.tree = grown.frontier
        born += grown.rows
        await self._check_nodes([row for row in born if row.level])

    async def _check_nodes(self, born: list[Row]) -> None:
        """Compare inner nodes. Above a wrong leaf every node differs; that is told once, at the leaf."""
        stored = await audit_queries.nodes_of(self.session, born) if born else {}
        for row in born:
            for node in row.nodes():
                found = stored.get(Coordinate(node.level, node.position))
                if found != node.hash and not self._covers_wrong_leaf(node.level, node.position):
                    self._tree_fault(
                        Fault.NODE_WRONG,
                        "The node at level {level}, position {position} is {found}, should be {computed}.",
                        Coordinate(node.level, node.position),
                        found=found.hex() if found else None,
                        computed=node.hash.hex(),
                    )

    def _covers_wrong_leaf(self, level: int, position: int) -> bool:
        first = bisect.bisect_left(self.wrong, position << level)
        return first < len(self.wrong) and self.wrong[first] < (position + 1) << level

    def _check_checkpoint(self, stored: StoredCheckpoint) -> None:
        """The note must be signed, say what its columns say, and state the root that the leaves give."""
        assert self.tree is not None  # noqa: S101  called while the tree grows
        self.audit.checkpoints += 1
        self.newest = stored.size
        facts: dict[str, object] = {"size": stored.size, "note": stored.note}
        try:
            signed = checkpoint.verify(stored.note, self.verifier)
        except NoteRefused as error:
            message = "The checkpoint of {size} leaves is not signed by the log: {why}"
            self.audit.add(Finding(Fault.CHECKPOINT_SIGNATURE, message, facts={**facts, "why": str(error)}))
            return
        if (signed.size, signed.root) != (stored.size, stored.root):
            message = "The signed checkpoint of {size} leaves says otherwise than its row."
            self.audit.add(Finding(Fault.CHECKPOINT_ROOT, message, facts=facts))
        computed = self.tree.root()
        # Once one root differs all later ones do; the first is the evidence.
        if signed.root != computed and not self.root_told:
            self.root_told = True
            facts |= {"computed": computed.hex(), "signed": signed.root.hex()}
            message = "The leaves give {size} leaves the root {computed}; signed was {signed}."
            self.audit.add(Finding(Fault.CHECKPOINT_ROOT, message, facts=facts))

    def _tree_fault(self, fault: Fault, message: str, place: Coordinate, **facts: object) -> None:
        self.audit.add(Finding(fault, message, facts={"level": place.level, "position": place.position, **facts}))


def _of(row: LeafRow, fault: Fault, message: str, **facts: object) -> Finding:
    return Finding(fault, message, row.log_index, row.arrival, row.id, row.kind, facts)


def _plain(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
