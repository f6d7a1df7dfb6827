"""A made history of transfers in the product's own tables, in which everything goes wrong that an urgent rule knows.

Rows are written past the steps of the application, so that a year of them takes a second; they have its shape, checks
of the tables included, and what follows from an act (its leaf in the log, its entry in the ledger) is there with it.
"""

import hashlib
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg import sql

ENDS = datetime(2026, 11, 20, 4, tzinfo=UTC)
_DAYS = 430
_SHIPPERS, _RECEIVERS, _VEHICLES = 14, 4, 8
_CODES = ("900-249-08", "900-214-08", "900-214-08", "841-001-01", "900-044-49", "900-044-49", "900-041-49")
_FOREVER = date(2031, 1, 1)
Row = dict[str, Any]


def _hours(count: float) -> timedelta:
    return timedelta(hours=count)


class Eventful:
    """The rows of one seed."""

    def __init__(self, seed: int, *, papers: int = 1500) -> None:
        self._dice = random.Random(seed)  # noqa: S311  a history, no secret
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._number = 0
        self._leaves: list[tuple[datetime, UUID, str, dict[str, object], list[UUID]]] = []
        self._old: list[Row] = []
        self._register()
        for place in range(papers, 0, -1):  # more and more of them
            self._transfer(ENDS - timedelta(days=_DAYS) * ((place - self._dice.random()) / papers) ** 2.5)
        self._count_stock()

    def write(self, connection: "psycopg.Connection[Any]") -> None:
        """Insert all of it. The connection's user must be allowed to leave triggers and references out."""
        connection.execute("set session_replication_role = replica")
        self._log()
        for table, rows in self._rows.items():
            names = list(rows[0])
            assert all(list(row) == names for row in rows), table
            columns = sql.SQL(", ").join(map(sql.Identifier, names))
            copying = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), columns)
            with connection.cursor() as cursor, cursor.copy(copying) as copy:
                for row in rows:
                    copy.write_row(list(row.values()))
        connection.execute("set session_replication_role = origin")
        connection.commit()

    def _id(self) -> UUID:
        self._number += 1
        return UUID(int=(7 << 76) + (2 << 62) + self._number)

    def _chance(self, part: float) -> bool:
        return self._dice.random() < part

    def _add(self, table: str, **row: object) -> Row:
        self._rows[table].append(row)
        return row

    def _firm(self, kind: str, number: int) -> UUID:
        firm = self._id()
        code = f"91370000{number:010d}"
        self._add(
            "organisations", id=firm, credit_code=code, name=f"{kind} {number}", kinds=[kind], region_code="370100",
            address="", contact_name="", contact_phone="", created_at=ENDS - timedelta(days=900),
        )  # fmt: skip
        return firm

    def _site(self, firm: UUID, kind: str) -> Row:
        latitude, longitude = 35 + 3 * self._dice.random(), 116 + 3 * self._dice.random()
        return self._add(
            "sites", id=self._id(), organisation_id=firm, name="site", kind=kind, region_code="370100", address="",
            latitude=round(latitude, 4), longitude=round(longitude, 4), created_at=ENDS - timedelta(days=900),
        )  # fmt: skip

    def _register(self) -> None:
        self._shippers = [self._site(self._firm("generator", n), "production") for n in range(_SHIPPERS)]
        self._receivers = [self._site(self._firm("disposer", 100 + n), "treatment") for n in range(_RECEIVERS)]
        self._people = {site["id"]: self._id() for site in (*self._shippers, *self._receivers)}
        self._carrier = self._firm("transporter", 500)
        for place, site in enumerate((*self._shippers, *self._receivers)):
            until = (ENDS - timedelta(days=place)).date() if place % 3 == 0 else _FOREVER
            self._add(
                "scales", id=self._id(), organisation_id=site["organisation_id"], site_id=site["id"], name="scale",
                serial=f"S{place}", unit="kg", accuracy="III", verified_on=date(2025, 1, 1), verified_until=until,
                created_at=ENDS - timedelta(days=900), kind="platform",
            )  # fmt: skip
        self._serials = {row["site_id"]: row["serial"] for row in self._rows["scales"]}
        self._vehicles = [self._id() for _ in range(_VEHICLES)]
        self._drivers = [self._id() for _ in range(_VEHICLES)]
        for place, vehicle in enumerate(self._vehicles):
            ends = (ENDS - timedelta(days=1)).date() if place == 1 else _FOREVER
            self._add(
                "vehicles", id=vehicle, organisation_id=self._carrier, plate=f"鲁A{place:05d}", plate_kind="ordinary",
                rated_load_g=2_000_000 if place == 2 else 30_000_000, licence_number="", licence_valid_to=ends,
                created_at=ENDS - timedelta(days=900),
            )  # fmt: skip
            ends = (ENDS - timedelta(days=2)).date() if place == 3 else _FOREVER
            self._add(
                "drivers", id=self._drivers[place], organisation_id=self._carrier, name="",
                certificate_number=str(place), certificate_valid_to=ends, phone="",
                created_at=ENDS - timedelta(days=900),
            )  # fmt: skip
        for place, site in enumerate(self._receivers):
            permit = self._id()
            self._add(
                "permits", id=permit, organisation_id=site["organisation_id"], site_id=site["id"], number=f"P{place}",
                kind="collection" if place < 2 else "comprehensive", valid_from=date(2024, 1, 1),
                valid_to=(ENDS - timedelta(days=2)).date() if place == 1 else _FOREVER,
                created_at=ENDS - timedelta(days=900),
            )  # fmt: skip
            for position, pattern in enumerate(("HW08", "HW01", "HW49")):
                self._add(
                    "permit_items", id=self._id(), permit_id=permit, position=position + 1, pattern=pattern,
                    methods=["D10"], yearly_g=10**12,
                )  # fmt: skip

    def _transfer(self, filed: datetime) -> None:
        shipper, receiver = self._dice.choice(self._shippers), self._dice.choice(self._receivers)
        back = self._chance(0.02) and len(self._old) > 0
        if back:
            shipper, receiver = receiver, shipper
        vehicle = self._dice.randrange(_VEHICLES)
        road = 0.3 + 5 * self._dice.random()
        took = self._dice.choices(
            [road, road / 40, road + 12, road + 60, road + 24 * 40 * self._dice.random()], [90, 3, 4, 2, 1]
        )[0]
        left: datetime | None = filed + _hours(self._dice.choice([0.5, 2, 30]))
        assert left is not None
        came: datetime | None = left + _hours(took)
        taken: datetime | None = left + _hours(took + self._dice.choice([0.3, 1, 20]))
        if self._chance(0.02):
            came = taken = None
        state = "received"
        if self._chance(0.02):
            state, left, came, taken = "cancelled", None, None, None
        elif came is not None and self._chance(0.01):
            state, taken = "arrived", None
        times = [None if at is None or at > ENDS else at for at in (left, came, taken)]
        left, came, taken = times
        if state != "cancelled":
            state = "received" if taken else "arrived" if came else "in_transit" if left else "filed"
        done = [at for at in (filed, left, came, taken) if at is not None]
        paper = self._add(
            "manifests", id=self._id(), number=f"2026{self._number:010d}", kind="return" if back else "road",
            state=state, version=1, shipper_id=shipper["organisation_id"], shipper_site_id=shipper["id"],
            receiver_id=receiver["organisation_id"], receiver_site_id=receiver["id"], origin_region="370100",
            destination_region="370100", method="D10", planned_on=filed.date(), remarks="",
            returns_id=self._dice.choice(self._old)["manifest_id"] if back else None, created_at=filed,
            last_act_at=max(done) if state != "cancelled" else filed + _hours(40), filed_at=filed, picked_up_at=left,
            arrived_at=came, received_at=taken, closed_at=None,
            basis="exempt" if self._chance(0.05) else "permit",
        )  # fmt: skip
        self._add(
            "manifest_legs", manifest_id=paper["id"], position=1, carrier_id=self._carrier,
            vehicle_id=self._vehicles[vehicle], driver_id=self._drivers[vehicle], start="", end="", taken_over_at=left,
        )  # fmt: skip
        if self._chance(0.15):
            self._add("trip_stops", trip_id=UUID(int=self._number // 60 + 1), position=self._number % 30_000,
                      manifest_id=paper["id"])  # fmt: skip
        for position in range(self._dice.choice([1, 1, 2, 3])):
            self._piece(paper, shipper, receiver, position + 1)

    def _piece(self, paper: Row, shipper: Row, receiver: Row, position: int) -> None:
        filed, came, taken = paper["filed_at"], paper["arrived_at"], paper["received_at"]
        used = self._dice.choice(self._old) if self._old and self._chance(0.05) else None
        drum = used["drum"] if used else self._drum(paper, shipper, receiver)
        lost = self._chance(0.05)
        heavy = self._dice.choice([60_000, 900_000, 11_000_000, 45_000_000]) if self._chance(0.04) else drum["net_g"]
        entry = self._id() if came and not lost else None
        if self._chance(0.3) and paper["picked_up_at"]:
            at = paper["picked_up_at"] - _hours(0.2)
            self._add(
                "loading_scans", id=self._id(), manifest_id=paper["id"], container_id=drum["id"], label="", reason="",
                found="on_list", organisation_id=paper["shipper_id"], person_id=self._people[shipper["id"]],
                happened_at=at, recorded_at=at,
            )  # fmt: skip
        self._add(
            "manifest_containers", manifest_id=paper["id"], position=position, container_id=drum["id"], open=False,
            waste_code=drum["waste_code"], declared_g=heavy,
            outcome=("missing" if lost else "accepted") if taken else None,
            measured_g=heavy if taken and not lost else None,
            measured_method="platform_scale" if taken and not lost else None, entry_id=entry,
            scanned_at=came + _hours(0.1) if came and not lost else None,
        )  # fmt: skip
        if entry and came:
            self._weighed(entry, came, receiver, drum, heavy)
            self._leaf(came, entry, "container_scanned", {
                "manifest": str(paper["id"]), "digital_code": drum["digital_code"], "outcome": "accepted",
            }, drum["id"], paper["id"])  # fmt: skip
        if came and self._old and self._chance(0.04):
            other = self._dice.choice(self._old)["drum"]
            self._leaf(came, self._id(), "container_scanned", {
                "manifest": str(paper["id"]), "digital_code": other["digital_code"], "outcome": "unexpected",
                "site": str(receiver["id"]),
            }, other["id"], paper["id"])  # fmt: skip
        self._old.append({"drum": drum, "manifest_id": paper["id"], "filed_at": filed})

    def _drum(self, paper: Row, shipper: Row, receiver: Row) -> Row:
        made = paper["filed_at"] - _hours(self._dice.choice([1, 10, 20, 60, 200]))
        taken, code = paper["received_at"], self._dice.choice(_CODES)
        stays = timedelta(days=self._dice.choice([2, 5, 100, 140, 340, 400]))
        ends = taken + stays if taken and self._chance(0.93) else None
        batch = None
        if ends and ends < ENDS:
            batch = self._id()
            self._add("treatment_batches", id=batch, site_id=receiver["id"], method="D10", treated_on=ends.date(),
                      input_g=1, residue_g=0, created_at=ends, state="finished")  # fmt: skip
            self._add("entries", id=batch, kind="treated", happened_at=ends, recorded_at=ends)
        state = "treated" if batch else "at_site" if taken or not paper["picked_up_at"] else "in_transit"
        net = self._dice.randrange(20_000, 400_000)
        number = self._id()
        drum = self._add(
            "containers", id=number, digital_code=f"913700000000000000{code.replace('-', '')}{self._number:011d}",
            organisation_id=shipper["organisation_id"], made_at_site_id=shipper["id"], state=state,
            site_id=(receiver if taken else shipper)["id"] if state == "at_site" else None,
            manifest_id=paper["id"] if state == "in_transit" else None, waste_code=code, waste_name="", form="liquid",
            hazards=["T"], main_components="", harmful_components="", precautions="", remarks="", packaging="drum",
            volume_l=200, gross_g=net + 9000, tare_g=9000, net_g=net, method="platform_scale",
            generated_on=made.date(), treatment_batch_id=batch, created_at=made, stands_since=None,
        )  # fmt: skip
        label = self._id()
        self._weighed(label, made, shipper, drum, net)
        self._leaf(made, label, "container_labelled", {"method": "platform_scale"}, number)
        return drum

    def _weighed(self, entry: UUID, at: datetime, site: Row, drum: Row, grams: int) -> None:
        kind = "generated" if drum["made_at_site_id"] == site["id"] else "received"
        self._add("entries", id=entry, kind=kind, happened_at=at, recorded_at=at)
        self._add(
            "postings", entry_id=entry, line=1, account_id=site["id"], waste_code=drum["waste_code"], amount_g=grams,
            method="platform_scale", scale_id=self._serials[site["id"]],
        )  # fmt: skip

    def _count_stock(self) -> None:
        """Labels that are read somewhere, once their drum has ended or while it stands elsewhere."""
        for place in range(40):
            take, site = self._id(), self._dice.choice(self._receivers)
            at = ENDS - timedelta(days=_DAYS * self._dice.random() ** 2)
            self._add("stock_takes", id=take, site_id=site["id"], state="finished", begun_at=at, ended_at=at)
            known = [one["drum"] for one in self._old if one["filed_at"] < at]
            for drum in {one["id"]: one for one in self._dice.choices(known, k=6 + place % 2)}.values():
                self._add("stock_take_lines", stock_take_id=take, digital_code=drum["digital_code"],
                          container_id=drum["id"], expected=True, found_at=at)  # fmt: skip

    def _leaf(self, at: datetime, leaf: UUID, kind: str, facts: dict[str, object], *subjects: UUID) -> None:
        self._leaves.append((at, leaf, kind, facts, list(subjects)))

    def _log(self) -> None:
        for arrival, (at, leaf, kind, facts, subjects) in enumerate(sorted(self._leaves, key=lambda one: one[0]), 1):
            content = orjson.dumps({"facts": facts, "happened_at": at.isoformat(), "kind": kind})
            digest = hashlib.sha256(b"\x00" + content).digest()
            self._add("log_leaves", arrival=arrival, id=leaf, kind=kind, bytes=content, hash=digest, recorded_at=at)
            for subject in subjects:
                self._add("log_subjects", subject_id=subject, arrival=arrival)
