"""How a witness behaves: carefully, or as one that has lost its memory."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """`memory`: whether it still knows what it cosigned. Without, every tree is the first it sees, and none is kept."""

    memory: bool = True


PRESETS = {"careful": Variant(), "forgetful": Variant(memory=False)}
