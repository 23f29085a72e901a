"""Whose number is a +1 number: the area code says so, whatever stands in the profile's country. Pure.

From the metadata of `phonenumbers` (Google's libphonenumber); a test holds the list against the installed version.
"""

AREA_CODE_AT = 3  # the first digit's position in E.164, counted from 1 as SQL does
# Canada, the Caribbean, and the US territories with a country code of their own (AS, GU, MP, PR, VI).
NOT_US_CODES = (
    204, 226, 236, 242, 246, 249, 250, 257, 263, 264, 268, 273, 284, 289, 306, 340, 343, 345, 354, 365, 367, 368,
    382, 403, 416, 418, 428, 431, 437, 438, 441, 450, 468, 473, 474, 506, 514, 519, 548, 579, 581, 584, 587, 600,
    604, 613, 622, 633, 639, 647, 649, 658, 664, 670, 671, 672, 683, 684, 705, 709, 721, 742, 753, 758, 767, 778,
    780, 782, 784, 787, 807, 809, 819, 825, 829, 849, 867, 868, 869, 873, 876, 879, 902, 905, 939, 942,
)  # fmt: skip
NOT_US = tuple(str(code) for code in NOT_US_CODES)


def is_us(e164: str) -> bool:
    """Whether a number is one of the United States; an area code nobody knows yet counts as one."""
    return e164.startswith("+1") and e164[AREA_CODE_AT - 1 : AREA_CODE_AT + 2] not in NOT_US
