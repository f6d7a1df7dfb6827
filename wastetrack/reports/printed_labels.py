"""What the labels of containers say, and the documents that are printed of them: PDF, or ZPL for thermal printers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.general_wastes import is_general, parse_any
from wastetrack.containers import queries
from wastetrack.containers.errors import LabelReplaced
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.containers.model import Form
from wastetrack.containers.packaging_rules import MedicalClass, medical_class
from wastetrack.containers.queries import Container, LabelPrint
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.i18n import label
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Organisation
from wastetrack.reports.figures import LabelFigures, MedicalFigures
from wastetrack.reports.label_pdf import LabelPaper, label_pdf, size_of
from wastetrack.reports.label_rules import label_rules
from wastetrack.reports.label_zpl import label_zpl

_DPI = {LabelPaper.ZPL_203: 203, LabelPaper.ZPL_300: 300}


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """A file for a printer."""

    content: bytes
    media_type: str
    suffix: str


async def figures_of_labels(
    session: ReadSession,
    rows: Sequence[Container],
    *,
    base_url: str,
    label_key: bytes,
    prints: Mapping[UUID, LabelPrint] | None = None,
) -> list[LabelFigures]:
    """What the labels of these containers say, in their order; two statements however many there are.

    Without `prints` this is only a look at what would be printed, and the labels say so.
    """
    lists = await catalogues.snapshot(session)
    makers = await parties.organisations_by_id(session, {row.organisation_id for row in rows})
    figures: list[LabelFigures] = []
    for row in rows:
        code, printed = DigitalCode.parse(row.digital_code), (prints or {}).get(row.id)
        text = make_label_text(base_url, code, label_key, row.label_revision)
        figures.append(_label(row, makers[row.organisation_id], lists, label_text=text, printed=printed))
    return figures


async def figures_of_print(
    session: ReadSession, actor: Actor, event_id: UUID, *, base_url: str, label_key: bytes
) -> tuple[list[LabelFigures], LabelPaper]:
    """The labels that one event printed, and on what.

    Raises ContainerUnknown; LabelReplaced when another label is valid meanwhile: a void one is not drawn again.
    """
    found = await queries.printed_together(session, actor, event_id)
    void = [row.digital_code for one, row in found if one.revision != row.label_revision or one.net_g != row.net_g]
    if void:
        message = "These labels are no longer valid and are not printed again: {codes}. Print them anew."
        raise LabelReplaced("label_replaced", message, codes=", ".join(void))
    figures = await figures_of_labels(
        session,
        [row for _, row in found],
        base_url=base_url,
        label_key=label_key,
        prints={row.id: one for one, row in found},
    )
    return figures, LabelPaper(found[0][0].paper)


def check_paper(figures: Sequence[LabelFigures], paper: LabelPaper) -> list[Broken]:
    """Which of these labels are larger than the paper holds."""
    if paper in _DPI:
        message = "{value} is general waste, whose plain label is printed as PDF only."
        step = "Print it alone (paper “single”)."
        return [
            Broken("paper", "label_not_for_thermal_printers", message, one.digital_code, next_step=step)
            for one in figures
            if is_general(one.waste_code)
        ]
    if paper is not LabelPaper.A4_FOUR:
        return []
    rules = label_rules()
    smallest = rules.sizes.value[0]
    message = "Container {value} needs a label of {side} mm; four to a sheet are {smallest} mm."
    step = "Print it alone (paper “single”)."
    return [
        Broken(
            "paper",
            "label_too_large",
            message,
            one.digital_code,
            article="HJ 1276-2022",
            facts={"side": size_of(one, rules).side_mm, "smallest": smallest.side_mm},
            next_step=step,
        )
        for one in figures
        if size_of(one, rules).side_mm > smallest.side_mm and not is_general(one.waste_code)
    ]


def document(figures: Sequence[LabelFigures], paper: LabelPaper) -> PrintedDocument:
    """The file; drawing a thousand labels takes a second, so callers do it in a thread."""
    dpi = _DPI.get(paper)
    if dpi is not None:
        return PrintedDocument(label_zpl(figures, dpi=dpi).encode(), "text/plain; charset=utf-8", "zpl")
    return PrintedDocument(label_pdf(figures, paper=paper).pdf, "application/pdf", "pdf")


def _label(
    row: Container,
    maker: Organisation,
    lists: Catalogue,
    *,
    label_text: str,
    printed: LabelPrint | None,
) -> LabelFigures:
    category = parse_any(row.waste_code).category
    medical = medical_class(row.waste_code)
    return LabelFigures(
        label_text=label_text,
        digital_code=row.digital_code,
        waste_name=row.waste_name,
        category=f"{category} {lists.category_name(category)}".rstrip(),
        waste_code=row.waste_code,
        form=label(Form(row.form), "zh"),
        hazards=tuple(row.hazards),
        main_components=row.main_components,
        harmful_components=row.harmful_components,
        precautions=row.precautions,
        generator_name=maker.name,
        contact_name=maker.contact_name,
        contact_phone=maker.contact_phone,
        generated_on=row.generated_on,
        mass=Mass(row.net_g),
        volume_litres=Decimal(row.volume_l),
        remarks=row.remarks,
        print_number=0 if printed is None else printed.print_number,
        revision=row.label_revision,
        medical=None if medical is None else _medical(row, medical),
    )


def _medical(row: Container, medical: MedicalClass) -> MedicalFigures:
    notes = ["隔离的传染病患者产生"] if row.highly_infectious else []
    if row.layers > 1:
        notes.append(f"{'双' if row.layers == 2 else row.layers}层包装")  # noqa: PLR2004  two are called double
    return MedicalFigures(waste_class=label(medical, "zh"), department=row.department, note="，".join(notes))
