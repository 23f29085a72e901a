# ruff: noqa: E501 - a table reads best with one code a line
"""Every error code of Meta's in plain words: what happened, whose turn it is, what to do, and what the sender does.

Source: reference/meta-cloud-api.md section 6 (Meta's error page of Sep 2026 and field reports). Sentences are lazy.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels_app.cloud_api.outcomes import Outcome as Do

Text = str | Promise


class Turn(StrEnum):
    """Whose turn it is to do something."""

    NOBODY = "nobody"
    WAYMARK = "waymark"
    MARKETER = "marketer"
    ADMIN = "admin"
    META = "meta"
    DEVELOPER = "developer"


TURN_LABELS: dict[Turn, Text] = {
    Turn.NOBODY: _("Nobody: this is final"),
    Turn.WAYMARK: _("Waymark: it tries again by itself"),
    Turn.MARKETER: _("The author of the campaign"),
    Turn.ADMIN: _("A channel admin"),
    Turn.META: _("Meta"),
    Turn.DEVELOPER: _("Whoever runs this installation"),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code in plain words. `retry_after_s` is the wait Waymark keeps when Meta names none."""

    code: int | None
    title: Text
    sentence: Text
    whose_turn: Turn
    remedy: Text
    outcome: Do
    retry_after_s: float | None = None
    is_known: bool = True

    @property
    def turn_label(self) -> Text:
        return TURN_LABELS[self.whose_turn]


RENEW = _("Renew the access token in Configure, then run the checks again.")
GRANT = _("Give the system user the permission and the account in Meta Business Suite, then run the checks again.")
WAIT = _("Nothing to do: Waymark waits and tries again.")
FINAL = _("Nothing to do: trying again would not change it.")
OPEN_META = _("Open the account in Meta's WhatsApp Manager and follow what Meta asks for there.")
FIX_CONTENT = _("Open the content, correct the values, and send to the people who failed.")
FIX_TEMPLATE = _("Sync the template, check it in Meta's WhatsApp Manager, then resume.")
REPORT = _("Report it with Meta's code: it points to a fault in Waymark or in its settings.")
A, D, M, N, W, X = Turn.ADMIN, Turn.DEVELOPER, Turn.MARKETER, Turn.NOBODY, Turn.WAYMARK, Turn.META

# fmt: off
ROWS: list[tuple[int, Text, Text, Turn, Text, Do, float | None]] = [
    # --- authorization and platform (6.1)
    (0, _("Meta can't tell who the token belongs to"), _("The access token was not accepted. Nothing can be sent with it."), A, RENEW, Do.STOP_CREDENTIALS, None),
    (1, _("Meta had an unknown error"), _("Meta's API failed without a reason."), W, WAIT, Do.RETRY_SOON, 15),
    (2, _("Meta is overloaded"), _("Meta's API is down or overloaded for a moment."), W, WAIT, Do.RETRY_SOON, 15),
    (3, _("The app may not do this"), _("The Meta app lacks a capability or permission for this call."), A, GRANT, Do.STOP_CREDENTIALS, None),
    (4, _("The app called Meta too often"), _("The Meta app reached its limit of calls per hour."), W, WAIT, Do.RETRY_LATER, 600),
    (10, _("Permission missing"), _("The permission for this call was never granted or was taken away."), A, GRANT, Do.STOP_CREDENTIALS, None),
    (33, _("The number is gone"), _("Meta does not know this phone number any more, or the token does not see it."), A, _("Check the number in Meta's WhatsApp Manager, then refresh it in Configure."), Do.PAUSE_NUMBER, None),
    (100, _("Meta did not accept a value"), _("A value in the request is invalid, unknown or missing."), M, FIX_CONTENT, Do.FAIL, None),
    (104, _("Access token missing"), _("The call arrived without a usable access token."), A, RENEW, Do.STOP_CREDENTIALS, None),
    (190, _("Access token refused"), _("The access token expired, was revoked or is not a token. Nothing can be sent with it."), A, RENEW, Do.STOP_CREDENTIALS, None),
    (192, _("Number and token don't match"), _("The token does not belong to this phone number."), A, GRANT, Do.FAIL, None),
    (200, _("No access to this account"), _("The token lacks a permission, or the account was not given to its system user."), A, GRANT, Do.STOP_CREDENTIALS, None),
    (368, _("Account blocked for a policy violation"), _("Meta has blocked this account for a time because of its policies."), A, OPEN_META, Do.PAUSE_NUMBER, None),
    (80007, _("The account called Meta too often"), _("The WhatsApp Business Account reached its limit of calls."), W, WAIT, Do.RETRY_LATER, 600),
    (80008, _("The account called Meta too often"), _("There were too many calls to this WhatsApp Business Account."), W, WAIT, Do.RETRY_LATER, 600),
    (131005, _("Access denied"), _("The token lacks the permission for this call."), A, GRANT, Do.STOP_CREDENTIALS, None),
    (131031, _("Account locked"), _("Meta has locked or restricted this account."), A, OPEN_META, Do.PAUSE_NUMBER, None),
    (130497, _("Country not allowed"), _("This business may not write to people in this country."), N, _("Leave this country out of the audience."), Do.FAIL, None),
    # --- throttling (6.2)
    (130429, _("Too fast for this number"), _("The number reached the messages a second that Meta allows it."), W, WAIT, Do.SLOW_NUMBER, 2),
    (131048, _("Number restricted"), _("Meta limits this number because people blocked or reported it, or because its messaging limit is used up."), A, _("Check quality and messaging limit of the number. Sending goes on when Meta lifts the limit."), Do.PAUSE_NUMBER, 14400),
    (131056, _("Too many messages to one person"), _("This person got too many messages from this number in a short time."), W, WAIT, Do.HOLD_PAIR, 6),
    (131057, _("Number under maintenance"), _("Meta is upgrading the number, which takes about a minute."), W, WAIT, Do.RETRY_SOON, 90),
    (131064, _("Limited because of template categories"), _("Meta limits this account because its templates were filed under the wrong category."), A, _("Correct the categories of the templates. Meta lifts the limit by itself."), Do.PAUSE_NUMBER, None),
    (133016, _("Registered too often"), _("The number was registered or deregistered too often within 72 hours."), A, _("Wait 72 hours, then register the number again."), Do.RETRY_LATER, 259200),
    (131059, _("List position expired"), _("Meta does not know this position in the list any more."), W, WAIT, Do.FAIL, None),
    # --- recipient and policy (6.3)
    (130403, _("Blocked by the business"), _("The business has blocked this person."), N, _("Unblock the person in Meta if this was a mistake."), Do.SUPPRESS, None),
    (130472, _("Part of Meta's experiment"), _("Meta keeps marketing from a small share of people to measure its effect; this person is one of them."), N, FINAL, Do.FAIL, None),
    (131021, _("Sender and recipient are the same"), _("The number can't write to itself."), N, FINAL, Do.FAIL, None),
    (131026, _("Can't be delivered"), _("The person is not on WhatsApp, uses a version that is too old, or has not accepted WhatsApp's terms."), N, FINAL, Do.FAIL, None),
    (131030, _("Not on the test number's list"), _("A test number can only write to the people registered for it in Meta's app dashboard."), A, _("Add the person in the app dashboard, or send from a real number."), Do.FAIL, None),
    (131047, _("More than 24 hours since the last reply"), _("Without a template, a person can only be written to within 24 hours of their last message."), M, _("Send an approved template instead."), Do.FAIL, None),
    (131049, _("Meta held it back"), _("Meta limits how much marketing a person gets from all businesses together, and stopped this one."), N, _("Don't send it again within 24 hours."), Do.FAIL, None),
    (131050, _("Stopped marketing"), _("The person has switched off marketing messages from this business."), N, _("Nothing to do: the person gets no marketing until they switch it on again."), Do.SUPPRESS, None),
    (131062, _("Needs a phone number"), _("This kind of authentication message can't be sent to a person known without a phone number."), M, _("Use the person's phone number."), Do.FAIL, None),
    (137000, _("Identity changed"), _("The person's WhatsApp identity changed since it was checked."), M, _("Verify the person again before writing to them."), Do.FAIL, None),
    (139100, _("Blocking failed in part"), _("Meta could not block or unblock some of the people."), A, _("Try it again for the people who are left."), Do.FAIL, None),
    (139101, _("Block list full"), _("The list of blocked people is full."), A, _("Unblock people who need no block any more."), Do.FAIL, None),
    (139102, _("Block list changed meanwhile"), _("Somebody else changed the block list at the same time."), W, WAIT, Do.RETRY_SOON, 15),
    (139103, _("Blocking failed"), _("Meta could not change the block list."), W, WAIT, Do.RETRY_SOON, 60),
    # --- content, media, configuration (6.4)
    (131000, _("Something went wrong at Meta"), _("Meta could not process the message and does not say why."), W, WAIT, Do.RETRY_SOON, 15),
    (131008, _("A value is missing"), _("The template needs a value that the message does not have."), M, FIX_CONTENT, Do.FAIL, None),
    (131009, _("A value is invalid"), _("A value in the message is not of the kind Meta expects."), M, FIX_CONTENT, Do.FAIL, None),
    (131016, _("Meta is unavailable"), _("A service of Meta's is unavailable for a moment."), W, WAIT, Do.RETRY_SOON, 30),
    (131037, _("Display name not approved"), _("Meta has not approved the display name of this number yet."), A, _("Wait for the approval of the name, or correct it in Meta's WhatsApp Manager."), Do.PAUSE_NUMBER, None),
    (131042, _("Payment problem"), _("The account has no working payment method, or its currency or time zone is missing."), A, _("Add or repair the payment method in Meta's billing settings."), Do.PAUSE_NUMBER, None),
    (131044, _("No payment method"), _("The account has no valid payment method."), A, _("Add a payment method in Meta's billing settings."), Do.PAUSE_NUMBER, None),
    (131045, _("Registration is broken"), _("The certificate of this number is wrong: it has to be registered again."), A, _("Open the number in Configure and register it again with its six-digit PIN."), Do.PAUSE_NUMBER, None),
    (131051, _("Kind of message not supported"), _("WhatsApp does not support this kind of message."), D, REPORT, Do.FAIL, None),
    (131052, _("Media can't be loaded"), _("A file that a person sent could not be loaded."), N, _("Ask the person to send it again."), Do.FAIL, None),
    (131053, _("Media refused"), _("Meta could not load the file, or its kind or size is not allowed."), M, _("Check that the link opens for everybody and that kind and size are allowed."), Do.FAIL, None),
    (131060, _("Message not available"), _("An incoming message can't be shown."), N, FINAL, Do.FAIL, None),
    (134011, _("Payment terms not accepted"), _("The terms of WhatsApp Payments have not been accepted."), A, OPEN_META, Do.FAIL, None),
    (135000, _("Request not accepted"), _("Meta did not accept the values of the message and does not say which."), M, FIX_CONTENT, Do.FAIL, None),
    (139200, _("Direct Send blocked"), _("Direct Send is not open for this account."), M, _("Send an approved template instead."), Do.FAIL, None),
    # --- template sends (6.5)
    (132000, _("Number of values differs from the template"), _("The template has changed: it now has more or fewer variables than the content fills."), M, _("Sync the template and bind its variables again, then resume."), Do.PAUSE_TEMPLATE, None),
    (132001, _("Template not found"), _("Meta has no approved template of this name in this language: it was renamed, deleted or not approved."), M, FIX_TEMPLATE, Do.PAUSE_TEMPLATE, None),
    (132005, _("Text too long"), _("With its values filled in, the text is longer than WhatsApp allows."), M, _("Shorten the values for this person."), Do.FAIL, None),
    (132007, _("Content against policy"), _("Meta refuses the content of this template because of its format or content rules."), M, FIX_TEMPLATE, Do.PAUSE_TEMPLATE, None),
    (132008, _("A value of the template is invalid"), _("A value filled into the template is not accepted."), M, FIX_CONTENT, Do.FAIL, None),
    (132012, _("Wrong kind of value"), _("The template expects another kind of value, for example an image in its header."), M, _("Sync the template and bind its variables again, then resume."), Do.PAUSE_TEMPLATE, None),
    (132015, _("Template paused"), _("Meta paused the template because people found it unhelpful."), M, _("Wait until Meta ends the pause, or choose another template."), Do.PAUSE_TEMPLATE, None),
    (132016, _("Template disabled"), _("Meta disabled the template for good after repeated low quality."), M, _("Choose another template."), Do.PAUSE_TEMPLATE, None),
    (132018, _("A value breaks the rules"), _("A value contains a line break, a tab or more than four spaces in a row, or does not fit its button."), M, FIX_CONTENT, Do.FAIL, None),
    (132068, _("Flow blocked"), _("The Flow behind the template's button is blocked."), A, _("Repair the Flow in Meta's WhatsApp Manager, then resume."), Do.PAUSE_TEMPLATE, None),
    (132069, _("Flow slowed down"), _("The Flow was already sent ten times in this hour."), W, WAIT, Do.RETRY_LATER, 3600),
    (131055, _("Way of sending not allowed"), _("This message can't be sent by this endpoint."), D, REPORT, Do.FAIL, None),
    (131061, _("Template has a maximum price"), _("A template with a maximum price can only be sent by the Marketing Messages API."), M, _("Remove the maximum price from the template, or choose another template."), Do.PAUSE_TEMPLATE, None),
    (131063, _("Marketing switched off"), _("Marketing templates are switched off for this account on the Cloud API."), A, OPEN_META, Do.PAUSE_TEMPLATE, None),
    (134100, _("Only marketing templates"), _("The Marketing Messages API takes marketing templates only."), D, REPORT, Do.FAIL, None),
    (134101, _("Template still syncing"), _("Meta is still preparing the template, which takes up to ten minutes."), W, WAIT, Do.RETRY_LATER, 600),
    (134102, _("Template not available"), _("The template can't be used with the Marketing Messages API."), A, OPEN_META, Do.PAUSE_TEMPLATE, None),
    (1752041, _("Already requested"), _("The same request was already made."), N, FINAL, Do.FAIL, None),
    # --- registration and numbers (6.6)
    (133000, _("Number half deregistered"), _("An earlier deregistration of the number was not finished."), A, _("Deregister the number again."), Do.PAUSE_NUMBER, None),
    (133004, _("Meta is unavailable"), _("Meta's servers are unavailable for a moment."), W, WAIT, Do.RETRY_SOON, 30),
    (133005, _("Wrong PIN"), _("The two-step verification PIN is wrong."), A, _("Enter the right six-digit PIN."), Do.FAIL, None),
    (133006, _("Number not verified"), _("The number has to be verified by a code before it can be registered."), A, _("Open the number in Configure, ask for a code and enter it."), Do.PAUSE_NUMBER, None),
    (133008, _("Too many wrong PINs"), _("The PIN was guessed too often."), A, _("Wait for the time Meta names, then enter the right PIN."), Do.RETRY_LATER, 3600),
    (133009, _("PINs entered too fast"), _("The PIN was entered again too quickly."), A, _("Wait a few minutes, then enter the right PIN."), Do.RETRY_LATER, 300),
    (133010, _("Number not registered"), _("The number is not registered with the Cloud API. It can't send."), A, _("Open the number in Configure and register it with its six-digit PIN."), Do.PAUSE_NUMBER, None),
    (133015, _("Number deleted a moment ago"), _("The number was deleted a moment ago and is not free yet."), A, _("Wait five minutes, then register it again."), Do.RETRY_LATER, 300),
    (136024, _("No code was sent"), _("Meta did not send a code: the number is verified already, or codes were asked for too often."), A, _("If it is verified, register it. Otherwise wait an hour, or have Meta call instead of writing."), Do.FAIL, None),
    (136025, _("Code not accepted"), _("The code is wrong, has expired, or none was asked for."), A, _("Ask for a new code and enter its six digits."), Do.FAIL, None),
    (2494100, _("Number under maintenance"), _("Meta is working on the number."), W, WAIT, Do.RETRY_SOON, 90),
    (2593107, _("Synced already"), _("The data of the business app was already requested."), N, FINAL, Do.FAIL, None),
    (2593108, _("Too late to sync"), _("The data of the business app can only be requested within 24 hours."), A, OPEN_META, Do.FAIL, None),
    (147001, _("Username taken"), _("This username is not available."), A, _("Choose another username."), Do.FAIL, None),
    (147002, _("Messaging limit too low"), _("The portfolio's messaging limit is too low for a username."), A, OPEN_META, Do.FAIL, None),
    (147003, _("Facebook page not linked"), _("The username belongs to a Facebook page that is not linked."), A, OPEN_META, Do.FAIL, None),
    (147004, _("Instagram not linked"), _("The username belongs to an Instagram account that is not linked."), A, OPEN_META, Do.FAIL, None),
    (147005, _("Username is in use"), _("The username belongs to another number and has to be transferred."), A, OPEN_META, Do.FAIL, None),
    (2494191, _("Conversation belongs to another responder"), _("Another responder holds this conversation."), N, FINAL, Do.FAIL, None),
    # --- subcodes of template creation (6.7)
    (2388019, _("Too many templates"), _("The account has as many templates as Meta allows."), M, _("Delete templates that nobody uses."), Do.FAIL, None),
    (2388023, _("Name is being deleted"), _("A template of this name and language is being deleted, which takes up to 30 days."), M, _("Choose another name."), Do.FAIL, None),
    (2388024, _("Template exists"), _("There is already content for this name and language."), M, _("Choose another name or language, or edit the existing template."), Do.FAIL, None),
    (2388039, _("Can't be changed now"), _("The template can't be changed in its status, for example while Meta reviews it."), M, _("Wait for the end of the review."), Do.FAIL, None),
    (2388040, _("A field is too long"), _("A field has more characters than Meta allows."), M, _("Shorten it."), Do.FAIL, None),
    (2388047, _("Header not accepted"), _("The format of the header is invalid."), M, _("Correct the header."), Do.FAIL, None),
    (2388072, _("Body not accepted"), _("The format of the body is invalid."), M, _("Correct the body."), Do.FAIL, None),
    (2388073, _("Footer not accepted"), _("The format of the footer is invalid."), M, _("Correct the footer."), Do.FAIL, None),
    (2388293, _("Too many variables"), _("The text has too many variables for its length."), M, _("Add words or remove variables."), Do.FAIL, None),
    (2388299, _("Variable at the edge"), _("A variable can't stand at the start or end of the text."), M, _("Put words before and after the variable."), Do.FAIL, None),
    (2388318, _("Made by Direct Send"), _("A template of Direct Send can't be edited."), N, FINAL, Do.FAIL, None),
    (2388330, _("Made by Direct Send"), _("A template of Direct Send can't be deleted."), N, FINAL, Do.FAIL, None),
    (200002, _("Template not created"), _("Meta could not create the template."), M, _("Try it again later."), Do.FAIL, None),
    (200005, _("Insights unavailable"), _("Insights of templates are not available for this account."), N, FINAL, Do.FAIL, None),
    (200006, _("Insights stay on"), _("Insights of templates can't be switched off."), N, FINAL, Do.FAIL, None),
    (200007, _("Insights are off"), _("Insights of templates are not switched on."), A, OPEN_META, Do.FAIL, None),
]
# fmt: on

CODES: dict[int, Explanation] = {row[0]: Explanation(*row) for row in ROWS}

MIGRATION = (
    _("Number can't be moved"),
    _("Meta refuses to move this number."),
    A,
    OPEN_META,
    Do.FAIL,
)
SIGN_UP = (
    _("In-app sign-up refused"),
    _("Meta refused a step of the in-app sign-up."),
    A,
    OPEN_META,
    Do.FAIL,
)
for _code in (2388001, 2388012, 2388091, 2388093, 2388103):
    CODES[_code] = Explanation(_code, *MIGRATION)
for _code in range(2494164, 2494180):
    CODES[_code] = Explanation(_code, *SIGN_UP)

# Subcodes that say more than their code. They never change the outcome's direction, only the words and the fix.
SUBCODES: dict[tuple[int, int], Explanation] = {
    (100, 33): Explanation(
        100,
        _("Id not found"),
        _("Meta has no such id, or the token does not see it; Meta does not tell which."),
        A,
        _("Check the id, and that the account was given to the token's system user."),
        Do.FAIL,
    ),
    (190, 463): Explanation(
        190,
        _("Access token expired"),
        _("The access token has expired. Nothing can be sent with it."),
        A,
        RENEW,
        Do.STOP_CREDENTIALS,
    ),
    (190, 460): Explanation(
        190,
        _("Access token revoked"),
        _("The access token ended because its owner's password changed. Nothing can be sent with it."),
        A,
        RENEW,
        Do.STOP_CREDENTIALS,
    ),
    (190, 467): Explanation(
        190,
        _("Access token revoked"),
        _("The access token was revoked. Nothing can be sent with it."),
        A,
        RENEW,
        Do.STOP_CREDENTIALS,
    ),
}


def explain(code: int | None, subcode: int | None = None) -> Explanation:
    """The words for a code (and its subcode, where that says more). An unheard-of code is explained as such: final."""
    if code is not None and subcode is not None:
        found = SUBCODES.get((code, subcode)) or (CODES.get(subcode) if code == 100 else None)
        if found:
            return found
    if code in CODES:
        return CODES[code]
    if code is not None and 200 <= code <= 299:
        known = CODES[200]
        return Explanation(code, known.title, known.sentence, known.whose_turn, known.remedy, known.outcome)
    return Explanation(
        code,
        _("Refused by Meta"),
        _("Meta refused the message with a code that Waymark does not know."),
        A,
        _("Look the code up on Meta's page of error codes and report it, so that Waymark can explain it."),
        Do.FAIL,
        is_known=False,
    )
