"""Random questions with everything in them: stores, ages, residues, loads, tiers, overload, groups, openings."""

from hypothesis import strategies as st

from tests.support.matching import Question

REGIONS = ("370100", "370200", "130100")


@st.composite
def questions(draw: st.DrawFn, most_periods: int = 4) -> Question:
    """Small in size, rich in kind; masses to the gram."""
    periods = draw(st.integers(1, most_periods))
    mass = st.integers(0, 30_000_000).map(lambda grams: grams / 1_000_000)
    question = Question(periods=periods, reach_km=draw(st.sampled_from((30.0, 1e9))), haulage=2.0)
    for number in range(draw(st.integers(1, 3))):
        question.category(
            f"HW{number:02}",
            max_age=draw(st.sampled_from((None, None, 0, 1, 2))),
            is_medical=draw(st.booleans()),
        )
    for _ in range(draw(st.integers(1, 4))):
        question.place(draw(st.sampled_from(REGIONS)), draw(st.integers(-1, 1)))
    spots, kinds = st.integers(0, len(question.places) - 1), st.integers(0, len(question.categories) - 1)
    when = st.integers(0, periods - 1)
    for key in draw(st.lists(st.tuples(spots, kinds, when), min_size=1, max_size=8)):
        question.arises(key[0], key[1], draw(mass), period=key[2])
    for place, category in draw(st.sets(st.tuples(spots, kinds), max_size=4)):
        question.keeps(place, category, draw(mass), opening=draw(st.sampled_from((0, 0, 3.000001))))
    for _ in range(draw(st.integers(0, 4))):
        _plant(draw, question, draw(spots), [draw(mass) for _ in range(periods)])
    if not question.plants:
        return question
    plants = st.integers(0, len(question.plants) - 1)
    for place, plant, category in draw(st.lists(st.tuples(spots, plants, kinds), max_size=5)):
        question.approves(place, plant, category, draw(mass))
    for line, category in draw(st.sets(st.sampled_from(question.accepted), max_size=4)) if question.accepted else ():
        question.leaves(line, category, draw(kinds), draw(st.sampled_from((0.05, 0.31, 0.9, 1.3))))
    return question


def _plant(draw: st.DrawFn, question: Question, place: int, capacity: list[float]) -> None:
    mass = st.integers(0, 60_000_000).map(lambda grams: grams / 1_000_000)
    plant = question.plant(
        place,
        capacity,
        overload=draw(st.sampled_from((0, 0, 1.5))),
        storage=draw(st.sampled_from((0, 0, 5.000001))),
        permitted=draw(st.none() | mass),
        opening_cost=draw(st.sampled_from((float("nan"),) * 3 + (500.0,))),
    )
    for _ in range(draw(st.integers(0, 2))):
        categories = draw(st.sets(st.integers(0, len(question.categories) - 1), min_size=1))
        question.line(
            plant,
            *sorted(categories),
            limit=draw(st.none() | mass),
            price=draw(st.sampled_from((0.0, 120.5, 999.0))),
            load=draw(st.sampled_from((1.0, 1.0, 0.7, 2.0))),
            tier=draw(st.sampled_from((0, 0, 0, 1, 2, 3))),
            first_period=draw(st.sampled_from((0, 0, 1))),
            group=draw(st.sampled_from((-1, -1, -1, 0))),
        )
