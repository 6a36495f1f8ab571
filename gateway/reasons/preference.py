"""Why the first of several statements is the one in the form, and how they differ."""

from dataclasses import replace

from config.model import FormField
from gateway.agreement import difference
from gateway.model import Conflict, Reason
from gateway.reasons.sentences import BECAUSE

PROCEDURE = "procedure"
_DECLARED, _NAMED_FIRST = "registry_over_declaration", "named_first"


def explained(conflict: Conflict, wanted: FormField) -> Conflict:
    """The conflict with its kind and the reason of the preference.

    The citizen's declaration never overrides a registry. Between registries the order of the form's origins decides,
    for the reason the procedure declares, where it declares one.
    """
    first, *others = (statement.value.value for statement in conflict.statements)
    kinds = {difference(first, other) for other in others}
    return replace(conflict, kind=kinds.pop() if len(kinds) == 1 else "value", because=_because(conflict, wanted))


def _because(conflict: Conflict, wanted: FormField) -> Reason:
    if conflict.between == "sources" and wanted.because is not None:
        return Reason(PROCEDURE, wanted.because.vi, wanted.because.en)
    code = _NAMED_FIRST if conflict.between == "sources" else _DECLARED
    return Reason(code, BECAUSE[code].vi, BECAUSE[code].en)
