"""People at their desks and telephones in Chromium, in Chinese or English, and what they do most often."""

import re

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

from tests.support.served import PASSWORD
from tests.support.spoken import Spoken
from wastetrack.i18n import Locale

_BROWSERS: dict[Locale, str] = {"zh": "zh-CN", "en": "en-GB"}
# A machine under load types too slowly for a scanner.
_QUICK_KEYS = """code => { for (const key of [...code, "Enter"])
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); }"""


class Desk:
    """One person's browser; whatever goes wrong in it fails the test."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        login: str,
        *,
        locale: Locale = "zh",
        script: bool = True,
        phone: bool = False,
    ) -> None:
        self.say = Spoken(locale)
        self.context = browser.new_context(
            base_url=address,
            locale=_BROWSERS[locale],
            timezone_id="Asia/Shanghai",
            viewport=ViewportSize(width=390, height=844) if phone else ViewportSize(width=1280, height=900),
            has_touch=phone,
            java_script_enabled=script,
        )
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto(f"/sign-in?lang={locale}")
        self.field("Login").fill(login)
        self.field("Password").fill(PASSWORD)
        self.button("Sign in").click()
        expect(self.page).to_have_url(address + "/")

    def _hear(self, said: ConsoleMessage) -> None:
        # A form that comes back refused is an answer, though the browser notes its status; and the browser looks for an
        # icon where a PDF is opened, which names none.
        if said.type == "error" and "422" not in said.text and not said.location["url"].endswith("/favicon.ico"):
            self.complaints.append(f"{said.text} {said.location['url']}")

    def field(self, label: str) -> Locator:
        """A field by the words above it, told in English; whether it must be filled does not belong to them."""
        words = re.escape(self.say(label))
        return self.page.get_by_label(re.compile(rf"^{words}(\s*[（(].*[）)])?$"))

    def button(self, words: str) -> Locator:
        """A button of the page itself by its words, told in English."""
        return self.page.get_by_role("main").get_by_role("button", name=self.say(words), exact=True)

    def link(self, words: str) -> Locator:
        """The same of links."""
        return self.page.get_by_role("main").get_by_role("link", name=self.say(words), exact=True)

    @property
    def title(self) -> Locator:
        """The page's own heading."""
        return self.page.get_by_role("heading", level=1)

    def reads(self, heading: str) -> None:
        """The page with this heading has opened."""
        expect(self.title).to_have_text(self.say(heading), timeout=15_000)

    def told(self, sentence: str) -> None:
        """After an act, the page says so."""
        expect(self.page.get_by_role("status").first).to_have_text(self.say.like(sentence))

    def sign(self) -> None:
        """On the page that a form to be signed leads to: the words are there; give the password, sign."""
        self.reads("Read, then sign")
        expect(self.page.locator(".plain-words").first).to_have_text(
            self.say.like("For {organisation}, as its {role}:")
        )
        self.field("Your password").fill(PASSWORD)
        self.button("Sign").click()

    def wedge(self, code: str) -> None:
        """As a hand scanner types, wherever one is on the page: all keys at once, then Enter."""
        self.page.evaluate(_QUICK_KEYS, code)

    def fits(self) -> None:
        """Nothing stands beyond the edge of the screen."""
        self.page.wait_for_load_state()  # between two pages there is no document to measure
        assert self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    def close(self) -> None:
        """Nothing may have been complained about: no script error, nothing refused by the content policy."""
        self.context.close()
        assert self.complaints == [], self.complaints


def describe_oil(desk: Desk) -> None:
    """A drum of 200 L for waste oil, found by the beginning of its code, on the form that weighs and labels."""
    page = desk.page
    expect(desk.field("Waste code")).to_be_visible()
    page.wait_for_load_state()  # a person does not type before the page listens
    desk.field("Waste code").fill("900-249")
    page.locator("#suggestions a", has_text="900-249-08").click()
    expect(desk.field("Name of the waste")).to_have_value("废矿物油与含矿物油废物")
    desk.field("Form").select_option("liquid")
    desk.field("Packaging").select_option("drum")
    desk.field("Volume").fill("200")
    desk.field("Tare").fill("20")


def label_a_drum(desk: Desk, gross: str) -> str:
    """Weigh and label through the form; gives the text that a scanner reads off the label."""
    page = desk.page
    page.goto("/containers/new")
    describe_oil(desk)
    desk.field("Gross mass").fill(gross)
    desk.field("Store").select_option(index=1)
    desk.button("Save and print").click()
    desk.told("The container is in the ledger, and its label is printed. Stick it on.")
    label = page.request.get(page.locator("[data-open-label]").get_attribute("href") or "")
    assert label.body().startswith(b"%PDF-")
    return digital_code(page)


def digital_code(page: Page) -> str:
    """The 37 characters under the QR code."""
    return "".join(page.locator(".label-box .groups").inner_text().split())


def fill_the_way(desk: Desk, plate: str) -> None:
    """To whom and by whom, on the form of a manifest."""
    desk.field("Receiver").select_option(index=1)
    desk.field("Method of use or disposal").select_option("D10")
    desk.field("Carrier").select_option(index=1)
    desk.page.locator("#f-plate").fill(plate)


def file_a_manifest(desk: Desk, plate: str, containers: int) -> str:
    """From the containers in store to a number; gives the address of the manifest's page."""
    page = desk.page
    page.goto("/manifests/new")
    for box in page.locator("input.pick").all()[:containers]:
        box.check()
    fill_the_way(desk, plate)
    desk.button("Check the draft").click()
    desk.reads("Check and sign")
    desk.button("Sign and file").click()
    desk.sign()
    desk.told("Signed and filed under number {number}. The carrier sees it now.")
    assert re.fullmatch(r"\d{14}", page.locator("h1.manifest-number").inner_text())
    return page.url


def scan(desk: Desk, code: str, gross: str) -> None:
    """As a scanner does: the field has the focus, the code is typed, Enter ends it; then the scale's figure."""
    page = desk.page
    expect(page.locator("#f-label")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text(desk.say("WEIGH IT"))
    expect(page.locator("#f-gross")).to_be_focused()
    page.keyboard.type(gross)
    page.keyboard.press("Enter")


def count(desk: Desk, codes: list[str]) -> None:
    """At the vehicle: each label is read, and found right."""
    expect(desk.page.locator("#load[data-listening]")).to_be_visible()
    for code in codes:
        desk.page.locator("#f-label").focus()
        desk.page.keyboard.type(code)
        desk.page.keyboard.press("Enter")
        expect(desk.page.locator("#answer.good")).to_contain_text(code[-3:])
