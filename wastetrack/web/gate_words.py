"""The sentences that the gate's page says by itself, without network: by the codes of rules and outcomes."""

from wastetrack.i18n import Locale, message, translate

WORDS: dict[str, str] = {
    "online": message("Network"),
    "offline": message("No network"),
    "scan_a_label": message("Scan a label"),
    "accepted": message("ACCEPT"),
    "accepted_with_difference": message("ACCEPT, with a difference"),
    "already_here": message("ALREADY IN"),
    "rejected": message("REJECTED"),
    "stop": message("STOP"),
    "undone": message("UNDONE"),
    "weigh_again": message("WEIGH AGAIN"),
    "undo": message("Undo ({seconds} s)"),
    "on_the_device": message("Scanned on this device before"),
    "unexpected": message("This container is not on the manifest."),
    "already_here_why": message("It was decided before."),
    "return_rejected": message("The shipper cannot reject its own waste that comes back."),
    "label_void": message(
        "This label was replaced: it is number {value} of this container, and number {valid} is valid."
    ),
    "mismatch_undecided": message("What differs in this load waits for a decision."),
    "list_too_old": message("The list on this device is too old. Bring it into the network."),
    "no_list": message("There is no list on this device yet. Bring it into the network."),
    "mass_not_positive": message("Gross less tare must be more than nothing, not {net}."),
    "mass_absurd": message("{net} cannot be in a container of {volume_l} L."),
    "uncertainty_absurd": message("The uncertainty of the scale says nothing about {net}."),
    "store_full": message("Store {store} may hold {limit}; {held} stand there."),
    "storage_spot_full": message("Storage spot {store} may hold {limit} at any time; {held} stand there."),
    "incompatible": message("{waste_code} must not stand beside {other_code}: {one} and {theirs} give {danger}."),
    "pool_of_one": message("A storage pool holds waste of one category; here it would be {value}."),
    "containment_too_small": message(
        "The containment of {store} holds {held_l} L; with this liquid it must hold {needed_l} L."
    ),
    "label_unreadable": message("This is no label of this system."),
    "label_damaged": message("Part of the label could not be read. Scan it again."),
    "label_forged": message(
        "This label was not printed by this system. Do not accept the container; call the shipper."
    ),
    "label_other_deployment": message("This label was printed by another installation; it can be checked only there."),
    "declared": message("declared {declared}"),
    "measured": message("declared {declared}, measured {measured}, {difference} (tolerance ± {tolerance})"),
    "not_weighed": message("Not weighed: the declared mass is taken over."),
    "not_arrived": message("The truck has not been reported as arrived yet: that is signed when there is network."),
    "left_of": message("{plate}: {left} of {all} containers left"),
    "all_scanned": message("{plate}: all {all} containers are scanned"),
    "state_kept": message("Kept"),
    "state_sent": message("Sent to the server"),
    "state_to_decide": message("To decide"),
    "state_refused": message("Refused"),
    "state_undone": message("Undone"),
    "state_settled": message("Decided"),
    "sending": message("Sending…"),
    "all_sent": message("All is sent."),
    "not_sent": message("It could not be sent; it stays here and is tried again."),
    "device_ended": message(
        "This device was ended. Keep the queue as a file and hand it in on the page “Queue from a file”."
    ),
    "many_unsent": message("{count} scans are not sent yet. Find network, or keep the queue as a file."),
    "not_persistent": message("The browser may clear this device's memory when the disk is full. Send often."),
    "left_behind": message("{count} scans of an earlier enrolment are still here:"),
    "wrong_pin": message("Wrong PIN. {left} tries left."),
    "locked_out": message("Too many wrong PINs: sign in and set a new one."),
    "pin": message("PIN"),
    "take_reading": message("{mass} on {scale}"),
    "verification_over": message("The verification of this scale is over."),
    "delete": message("Delete"),
    "ok": message("OK"),
    "no_store": message("Not in a store yet"),
    "of_limit": message("{held} of {limit}"),
    "no_camera": message("There is no camera here, or the page is not opened over https."),
    "camera_refused": message("The browser did not allow the camera."),
    "reader_missing": message("The reader of codes could not be loaded."),
    "nothing_to_change": message("There is nothing to change: the last scan is sent already, or was no container."),
    "photo_kept": message("The picture is kept and goes with the scan."),
    "list_of": message("List of {when}: {count} containers expected"),
    "list_old": message(
        "This list is {hours} hours old. It decides until {until}; bring the device into the network before."
    ),
    "on_shift": message("{name}, on {device}"),
    "person_key_gone": message("Nobody is at work on this device. Choose who you are."),
    "photo_not_kept": message("The picture could not be kept on the device; the scan is. Take it again after sending."),
    "memory_full": message("The memory of this device is full. Send what is kept, or take the queue away as a file."),
    "clock_wrong": message(
        "This device's clock is wrong: it said {device} when the server said {server}. Set it. "
        "Scans keep both times, and the difference is taken off when they are sent."
    ),
    "not_kept": message("This could not be kept on the device. Do not go on; write it down."),
}
REASONS = (
    message("Damaged or leaking"),
    message("Not as labelled"),
    message("Wrong waste"),
    message("Weight far off"),
    message("Packaging not allowed"),
    message("Other reason"),
)


def words_in(locale: Locale) -> dict[str, str]:
    """All of them in a language, their places still open."""
    return {name: translate(sentence, locale) for name, sentence in WORDS.items()}
