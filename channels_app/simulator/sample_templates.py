# ruff: noqa: E501 (texts read better whole)
"""The templates of the default world: a coffee roaster's messages in English and Korean, every kind a first form needs."""

from __future__ import annotations

from typing import Any

from .entities import Template

SHOP = "https://lumen.example"
Json = dict[str, Any]


def _text_header(text: str, **example: Any) -> Json:
    return {"type": "HEADER", "format": "TEXT", "text": text, **({"example": example} if example else {})}


def _media_header(kind: str, name: str) -> Json:
    return {"type": "HEADER", "format": kind, "example": {"header_handle": [f"{{host}}/_scontent/v/t61/{name}"]}}


def _body(text: str, *samples: str, **named: str) -> Json:
    body: Json = {"type": "BODY", "text": text}
    if samples:
        body["example"] = {"body_text": [list(samples)]}
    if named:
        pairs = [{"param_name": key, "example": value} for key, value in named.items()]
        body["example"] = {"body_text_named_params": pairs}
    return body


def _footer(text: str) -> Json:
    return {"type": "FOOTER", "text": text}


def _buttons(*buttons: Json) -> Json:
    return {"type": "BUTTONS", "buttons": list(buttons)}


def _reply(text: str) -> Json:
    return {"type": "QUICK_REPLY", "text": text}


def _url(text: str, path: str, sample: str = "") -> Json:
    button: Json = {"type": "URL", "text": text, "url": SHOP + path}
    if sample:
        button["example"] = [(SHOP + path).replace("{{1}}", sample)]
    return button


def _phone(text: str) -> Json:
    return {"type": "PHONE_NUMBER", "text": text, "phone_number": "+447700900118"}


def _code(sample: str) -> Json:
    return {"type": "COPY_CODE", "text": "Copy offer code", "example": [sample]}


def _otp(text: str, body: str, footer: str) -> list[Json]:
    url = "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code_expiration_minutes=5&code=otp{{1}}"
    return [
        {"type": "BODY", "text": body, "add_security_recommendation": True, "example": {"body_text": [["482913"]]}},
        {"type": "FOOTER", "text": footer, "code_expiration_minutes": 5},
        _buttons({"type": "URL", "text": text, "url": url, "example": [url.replace("{{1}}", "482913")]}),
    ]


STOP_EN, STOP_KO = _footer("Reply STOP to opt out"), _footer("수신을 원치 않으면 STOP이라고 답장하세요")

# (name, category, format, status, {language: components})
SAMPLES: list[tuple[str, str, str, str, dict[str, list[Json]]]] = [
    ("spring_roast_launch", "MARKETING", "POSITIONAL", "APPROVED", {
        "en_US": [
            _media_header("IMAGE", "spring-roast.png"),
            _body("Hi {{1}}, spring is in the roaster. ☀️\n\nAs a Club member you get the *Spring Roast* two days before "
                  "everyone else. Pick it up at {{2}} or order online.\n\nYour early access ends {{3}}, so be quick.",
                  "Ada", "Lumen Soho", "Saturday 14 March"),
            STOP_EN,
            _buttons(_url("Get early access", "/club/{{1}}", "ada-41"), _reply("Stop offers")),
        ],
        "ko": [
            _media_header("IMAGE", "spring-roast.png"),
            _body("{{1}}님, 로스터에 봄이 왔습니다. ☀️\n\n클럽 회원께는 *스프링 로스트* 원두를 이틀 먼저 드립니다. {{2}} 매장에서 "
                  "받거나 온라인으로 주문하세요.\n\n우선 구매는 {{3}}까지입니다.", "민준", "루멘 성수", "3월 14일 토요일"),
            STOP_KO,
            _buttons(_url("우선 구매하기", "/club/{{1}}", "minjun-41"), _reply("혜택 그만 받기")),
        ],
    }),
    ("welcome_discount", "MARKETING", "NAMED", "APPROVED", {
        "en_US": [
            _media_header("IMAGE", "welcome.png"),
            _body("Welcome, {{first_name}}! Use code *{{discount_code}}* at the till or online for _25% off_ your first bag.",
                  first_name="Ada", discount_code="WELCOME25"),
            STOP_EN,
            _buttons(_reply("Stop promotions"), _url("Shop", "/s?c={{1}}", "abc"), _code("WELCOME25")),
        ],
        "ko": [
            _media_header("IMAGE", "welcome.png"),
            _body("{{first_name}}님, 환영합니다! 매장이나 온라인에서 *{{discount_code}}* 코드를 쓰면 첫 원두가 _25% 할인_ 혜택이 적용됩니다.",
                  first_name="서연", discount_code="WELCOME25"),
            STOP_KO,
            _buttons(_reply("광고 그만 받기"), _url("쇼핑하기", "/s?c={{1}}", "abc"), _code("WELCOME25")),
        ],
    }),
    ("order_ready", "UTILITY", "NAMED", "APPROVED", {
        "en_US": [_body("Hi {{first_name}}, order {{order_no}} is ready for pickup.", first_name="Ada", order_no="A-41")],
        "ko": [_body("안녕하세요, {{first_name}}님. 주문 {{order_no}} 준비가 끝났으니 찾아가세요.",
                     first_name="서연", order_no="A-41")],
    }),
    ("order_confirmation", "UTILITY", "POSITIONAL", "APPROVED", {
        "en_US": [_media_header("DOCUMENT", "invoice.pdf"),
                  _body("Thank you, {{1}}. Your order *{{2}}* over {{3}} is confirmed; the invoice is attached.",
                        "Ada", "A-41", "€24.90"), _footer("Lumen Coffee")],
        "ko": [_media_header("DOCUMENT", "invoice.pdf"),
               _body("감사합니다, {{1}}님. 주문 *{{2}}*({{3}})이 확인되었습니다. 영수증을 첨부합니다.",
                     "서연", "A-41", "32,000원"), _footer("루멘 커피")],
    }),
    ("store_directions", "UTILITY", "POSITIONAL", "APPROVED", {
        "en_US": [{"type": "HEADER", "format": "LOCATION"},
                  _body("Hi {{1}}, your pickup store is here. We are open until {{2}} today.", "Ada", "19:00"),
                  _buttons(_phone("Call the store"))],
    }),
    ("login_code", "AUTHENTICATION", "POSITIONAL", "APPROVED", {
        "en_US": _otp("Copy code", "*{{1}}* is your verification code. For your security, do not share this code.",
                      "This code expires in 5 minutes."),
        "ko": _otp("코드 복사", "*{{1}}* 인증 코드입니다. 보안을 위해 이 코드를 공유하지 마세요.", "이 코드는 5분 후에 만료됩니다."),
    }),
    ("appointment_reminder", "UTILITY", "POSITIONAL", "APPROVED", {
        "en_US": [_text_header("Tasting on {{1}}", header_text=["Friday"]),
                  _body("Hi {{1}}, we look forward to seeing you at {{2}} for the tasting at {{3}}. Does it still work?",
                        "Ada", "Lumen Soho", "10:30"), _footer("Lumen Coffee"),
                  _buttons(_reply("Keep it"), _reply("Another day"), _phone("Call us"))],
        "ko": [_text_header("{{1}} 시음회", header_text=["금요일"]),
               _body("{{1}}님, {{2}}에서 {{3}}에 뵙겠습니다. 일정에 변동이 없으신가요?", "서연", "루멘 성수", "10:30"),
               _footer("루멘 커피"), _buttons(_reply("그대로"), _reply("다른 날로"), _phone("전화하기"))],
    }),
    ("loyalty_points", "MARKETING", "NAMED", "APPROVED", {
        "en_US": [
            _text_header("{{first_name}}, a treat", header_text_named_params=[
                {"param_name": "first_name", "example": "Ada"}]),
            _body("You have *{{points}} points*. That is a free {{reward}} at any Lumen store.",
                  points="240", reward="flat white"), STOP_EN, _buttons(_reply("Tell me more"), _reply("Stop offers"))],
        "ko": [
            _text_header("{{first_name}}님께 선물", header_text_named_params=[
                {"param_name": "first_name", "example": "서연"}]),
            _body("현재 *{{points}}점* 적립되어 있습니다. 모든 루멘 매장에서 {{reward}} 한 잔을 무료로 드립니다.",
                  points="240", reward="플랫 화이트"), STOP_KO, _buttons(_reply("더 알아보기"), _reply("혜택 그만 받기"))],
    }),
    ("hello_world", "UTILITY", "POSITIONAL", "APPROVED", {
        "en_US": [_text_header("Hello World"),
                  _body("Welcome and congratulations!! This message demonstrates your ability to send a message "
                        "notification from WhatsApp Business Platform's Cloud API."), _footer("WhatsApp Business API Team")],
    }),
    ("weekend_offer", "MARKETING", "POSITIONAL", "APPROVED", {
        "en_US": [_media_header("IMAGE", "weekend.png"),
                  _body("Good news, {{1}}! ~€14~ *€11* for every single origin this weekend.", "Ada"), STOP_EN,
                  _buttons(_reply("Stop offers"), _url("See the offer", "/weekend"), _phone("Call us"))],
        "ko": [_media_header("IMAGE", "weekend.png"),
               _body("{{1}}님, 좋은 소식입니다! 이번 주말 모든 싱글 오리진이 ~18,000원~ *14,000원* 특가입니다.", "서연"), STOP_KO,
               _buttons(_reply("혜택 그만 받기"), _url("혜택 보기", "/weekend"), _phone("전화하기"))],
    }),
    ("feedback_request", "UTILITY", "NAMED", "APPROVED", {
        "en_US": [_body("Hi {{first_name}}, how was order {{order_no}}? One tap is enough.", first_name="Ada",
                        order_no="A-41"), _buttons(_reply("Great"), _reply("Okay"), _reply("Not good"))],
        "ko": [_body("안녕하세요, {{first_name}}님. 주문 {{order_no}}은 어떠셨나요? 한 번만 눌러 주세요.", first_name="서연",
                     order_no="A-41"), _buttons(_reply("좋았어요"), _reply("보통이에요"), _reply("별로예요"))],
    }),
    ("abandoned_cart", "MARKETING", "NAMED", "APPROVED", {
        "en_US": [_media_header("IMAGE", "cart.png"),
                  _body("{{first_name}}, your {{product}} is still waiting.\n\n```Cart {{cart_no}}```\n\nShall we roast it?",
                        first_name="Ada", product="Spring Roast", cart_no="C-7741"), STOP_EN,
                  _buttons(_reply("Not interested"), _url("Back to my cart", "/cart/{{1}}", "C-7741"))],
        "ko": [_media_header("IMAGE", "cart.png"),
               _body("{{first_name}}님, {{product}}이 아직 기다리고 있습니다.\n\n```장바구니 {{cart_no}}```\n\n지금 볶아 드릴까요?",
                     first_name="서연", product="스프링 로스트", cart_no="C-7741"), STOP_KO,
               _buttons(_reply("관심 없어요"), _url("장바구니로", "/cart/{{1}}", "C-7741"))],
    }),
    ("delivery_update", "UTILITY", "POSITIONAL", "APPROVED", {
        "en_US": [_body("Order {{1}} has left our roastery and arrives on {{2}} by noon.", "A-41", "Tuesday"),
                  _buttons(_url("Track it", "/track/{{1}}", "A-41"))],
        "ko": [_body("주문 {{1}}이 로스터리를 출발했으며 {{2}} 정오까지 도착합니다.", "A-41", "화요일"),
               _buttons(_url("배송 조회", "/track/{{1}}", "A-41"))],
    }),
    ("event_invitation", "MARKETING", "NAMED", "PENDING", {
        "en_US": [_media_header("DOCUMENT", "program.pdf"),
                  _body("{{first_name}}, join us for the harvest evening in {{city}} this autumn.", first_name="Ada",
                        city="London"), STOP_EN, _buttons(_reply("Count me in"), _reply("Stop offers"))],
        "ko": [_media_header("DOCUMENT", "program.pdf"),
               _body("{{first_name}}님, 올가을 {{city}}에서 열리는 수확의 밤에 초대합니다.", first_name="서연", city="서울"),
               STOP_KO, _buttons(_reply("참석할게요"), _reply("혜택 그만 받기"))],
    }),
    ("flash_sale", "MARKETING", "POSITIONAL", "REJECTED", {
        "en_US": [_body("Hurry {{1}} {{2}} and save big in every store today only.", "Ada", "Lovell"), STOP_EN],
    }),
    ("birthday_gift", "MARKETING", "NAMED", "PAUSED", {
        "en_US": [_media_header("IMAGE", "birthday.png"),
                  _body("Happy birthday, {{first_name}}! A slice of cake is on us this week.", first_name="Ada"), STOP_EN],
        "ko": [_media_header("IMAGE", "birthday.png"),
               _body("{{first_name}}님, 생일 축하합니다! 이번 주 케이크 한 조각을 드립니다.", first_name="서연"), STOP_KO],
    }),
    ("price_drop_alert", "MARKETING", "POSITIONAL", "DISABLED", {
        "en_US": [_body("The price of {{1}} went down today, have a look.", "Spring Roast"), STOP_EN],
    }),
]  # fmt: skip


def build_templates(waba_id: str, first_id: int, created_at: int) -> list[Template]:
    """Give the sample set as records; the ids count up from `first_id` in a fixed order."""
    made: list[Template] = []
    for name, category, parameter_format, status, languages in SAMPLES:
        for language, components in languages.items():
            made.append(
                Template(
                    id=str(first_id + len(made)),
                    waba_id=waba_id,
                    name=name,
                    language=language,
                    category=category,
                    status=status,
                    parameter_format=parameter_format,
                    components=components,
                    quality={"PAUSED": "RED", "DISABLED": "RED", "APPROVED": "GREEN"}.get(status, "UNKNOWN"),
                    rejected_reason="INVALID_FORMAT" if status == "REJECTED" else "NONE",
                    message_send_ttl_seconds=600 if category == "AUTHENTICATION" else 0,
                    created_at=created_at + 3600 * len(made),
                    updated_at=created_at + 3600 * len(made),
                )
            )
    return made
