"""Why somebody was not written to, in plain words: the reasons of excluded rows, and failures of our own."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels_app.cloud_api.codes import explain

Text = str | Promise
NOT_BUILT = -1  # error_code of a message that could not be put together: Meta's codes are never negative


@dataclass(frozen=True)
class Reason:
    """A reason with its title, one sentence of explanation, and what a person can do about it."""

    code: str
    title: Text
    sentence: Text
    remedy: Text


EXCLUSIONS: dict[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason(
            "consent_missing",
            _("No consent"),
            _("There is no record that this person agreed to marketing messages."),
            _("Record the consent with its source on the profile, or import it with the file it came in."),
        ),
        Reason(
            "consent_withdrawn",
            _("Consent withdrawn"),
            _("This person said no to messages of this kind."),
            _("Nothing to do: respect it. A newer consent is recorded on the profile."),
        ),
        Reason(
            "suppressed",
            _("Suppressed"),
            _("This address is on the list of addresses that nobody writes to."),
            _("Open the profile to see why and until when."),
        ),
        Reason(
            "duplicate_number",
            _("Duplicate number"),
            _("Another person of this send has the same number, and it gets the message once."),
            _("Merge the profiles, or correct the number of one of them."),
        ),
        Reason(
            "no_number",
            _("No number"),
            _("The profile has no phone number and no WhatsApp user id."),
            _("Add a phone number to the profile."),
        ),
        Reason(
            "invalid_number",
            _("Not a possible number"),
            _("The phone number of the profile can't be a real one."),
            _("Correct the number on the profile."),
        ),
        Reason(
            "us_marketing_block",
            _("No marketing to the United States"),
            _("Meta delivers no marketing templates to numbers of the United States."),
            _("Nothing to do in WhatsApp: reach these people another way."),
        ),
        Reason(
            "stopped_early",
            _("Stopped before their turn"),
            _("The send was stopped before this person was prepared."),
            _("Send to the rest with a new campaign if they are to get it."),
        ),
        Reason(
            "missing_value",
            _("A value is missing"),
            _("A variable of the template has no value for this person, and there is no fallback."),
            _("Fill in the attribute, or give the variable a fallback."),
        ),
        Reason(
            "content_error",
            _("The text could not be written"),
            _("A personalization expression failed for this person."),
            _("Open the content, preview it as this person, and correct the expression."),
        ),
        Reason(
            "invalid_number",
            _("Number can’t exist"),
            _("The phone number has too few or too many digits for any country."),
            _("Correct the number on the profile."),
        ),
        Reason(
            "us_marketing_block",
            _("US number"),
            _("Meta doesn’t deliver marketing templates to numbers in the United States."),
            _("Nothing to do: Meta would refuse it. Utility templates still arrive."),
        ),
        Reason(
            "stopped_early",
            _("Stopped before its turn"),
            _("The campaign was stopped before this person’s message was prepared."),
            _("Duplicate the campaign to write to the people who are left."),
        ),
        Reason(
            "profile_gone",
            _("Profile deleted"),
            _("The profile was deleted before the message was sent."),
            _("Nothing to do."),
        ),
        Reason(
            "not_testable",
            _("Not a test profile"),
            _("This send goes to test profiles only."),
            _("Mark the profile as a test profile to include it."),
        ),
    )
}
OWN_FAILURES: dict[int, Reason] = {
    NOT_BUILT: Reason(
        "not_built",
        _("The message could not be put together"),
        _("A value that the template needs is missing, so nothing was sent to Meta."),
        _("Open the content, give the variable a fallback, and send to the people who failed."),
    ),
}


def explain_exclusion(reason: str) -> Reason:
    """The plain words for an exclusion reason; an unknown one is shown as it is."""
    return EXCLUSIONS.get(reason) or Reason(reason, reason, _("This reason has no explanation yet."), "")


def explain_failure(code: int | None) -> Reason:
    """The plain words for an error code of a failed row: Meta's, or our own negative ones."""
    if code in OWN_FAILURES:
        return OWN_FAILURES[code]
    told = explain(code)
    return Reason(str(code), told.title, told.sentence, told.remedy)
