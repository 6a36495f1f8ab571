"""What the demo prints: a dossier a person can read, what was proved, and where everything listens."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.demo.paper import Reused
from gateway.cli.demo.proof import Proof

_console = Console(highlight=False)
_REASONS = {
    "not_held": "no registry holds it: ask the citizen",
    "not_found": "the registry has no value",
    "withheld": "not granted to this procedure",
    "unavailable": "the registry did not answer",
    "role_absent": "no such subject was named",
    "not_reachable": "the registry names somebody it cannot be asked about",
    "ambiguous": "the registry names several",
    "not_applicable": "asked only under a condition that does not hold",
}
_LONGEST = 160


def dossier(document: Mapping[str, Any], described: Mapping[str, Any]) -> None:
    """One pre-filled dossier: every field with its source, as-of time and status."""
    labels = described["form"]["properties"]
    _console.print()
    _console.rule(f"[bold]{escape(described['name'])}[/bold]", align="left")
    _console.print(f"{escape(described['name_en'])} · {document['procedure']} · dossier {document['dossier']}")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for title, ratio in (("field", 3), ("value", 5), ("source, as of", 3), ("status", 1)):
        table.add_column(title, ratio=ratio, overflow="fold")
    for name, field in document["form"].items():
        label = labels[name]
        value = text(field["value"]) if "value" in field else "-"
        stated = field.get("as_of") or field.get("retrieved_at") or ""
        table.add_row(
            f"{escape(label['title'])}\n[dim]{escape(label['x-title-en'])}[/dim]",
            escape(value),
            f"{field['source']}\n[dim]{stated.replace('T', ' ').removesuffix('Z')}[/dim]",
            field["status"],
        )
    _console.print(table)
    for conflict in document["conflicts"]:
        said = "; ".join(f"{v['source']} says {text(v['value'])}" for v in conflict["values"])
        _console.print(f"conflict  {conflict['field']}: {escape(said)}")
    for missing in document["missing"]:
        _console.print(f"missing   {missing['field']}: {_REASONS[missing['reason']]}")
    reuse = document["reuse"]
    _console.print(
        f"reused    {reuse['fields_filled']} of {reuse['fields_total']} fields ({reuse['rate']:.0%}), from "
        + ", ".join(f"{source} {count}" for source, count in reuse["by_source"].items())
    )


def preview(path: Path, *, stays: bool) -> None:
    """Where the officer's view was saved. It is not opened: this may be a server, and a browser is one's own choice.

    `stays`: the folder is still there when the demo has ended.
    """
    said = (
        f"{path}  (open it in a browser, print it)" if stays else "made; --keep or --data-dir DIR leaves it to look at"
    )
    _console.print(f"preview   {said}", soft_wrap=True)


def paper(reused: Reused) -> None:
    """A paper that was registered for one dossier and offered to another."""
    described, offer = reused.described, reused.offer or {}
    _console.print()
    _console.rule(f"[bold]{escape(described['name'])}[/bold]", align="left")
    _console.print(f"{escape(described['name_en'])} · {reused.offered.document['procedure']} · a paper once")
    if offer:
        _console.print(
            f"offered   {escape(offer['name_vi'])} ({escape(offer['name_en'])}), issued by "
            f"{escape(offer['issuing_agency'])} on {offer['issued_on']}, registered by {offer['registered_by']}, "
            f"signature {offer['signature']['outcome']}",
            soft_wrap=True,
        )


def proofs(proved: Sequence[Proof]) -> bool:
    """What was proved about an answer, a line each. Whether all of it held."""
    for proof in proved:
        _console.print(f"{'proved' if proof.holds else 'FAILED':<9} {proof.statement}", soft_wrap=True)
    return all(proof.holds for proof in proved)


def auditor(proved: Sequence[Proof]) -> bool:
    """What an auditor saw in the console. Whether all of it held."""
    _console.print()
    _console.rule("[bold]An auditor looks[/bold]", align="left")
    return proofs(proved)


def addresses(ready: Mapping[str, Any], ready_file: Path) -> None:
    """Where everything listens, and a call to paste."""
    _console.print()
    _console.rule("[bold]Everything stays up until Ctrl-C[/bold]", align="left")
    for name, url in (
        ("auditors' console", ready["console_url"]),
        ("API", ready["base_url"]),
        ("docs", f"{ready['base_url']}/docs"),
        ("metrics", f"{ready['ops_url']}/metrics"),
        *((f"mock {source}", url) for source, url in ready["mocks"].items()),
    ):
        _console.print(f"{name:<17} {url}")
    _sign_in(ready)
    person = ready["subjects"]["person"]
    body = (
        f'{{"personal_id": "{person["personal_id"]}", "full_name": "{person["full_name"]}", '
        f'"birth_date": "{person["birth_date"]}"}}'
    )
    _console.print("\nTry a call of your own:")
    _console.print(
        f"  .venv/bin/gateway call persons.lookup --ready-file {ready_file} \\\n"
        f"    --dossier H14-20261122-0000003 --officer officer-07 \\\n    --data '{body}'",
        soft_wrap=True,
        markup=False,
    )
    _console.print("and look at the access log:")
    _console.print(f"  .venv/bin/gateway log show --data-dir {ready['data_dir']}", soft_wrap=True, markup=False)
    _console.print(f"  .venv/bin/gateway log verify --data-dir {ready['data_dir']}", soft_wrap=True, markup=False)


def _sign_in(ready: Mapping[str, Any]) -> None:
    """Names and passwords of the sample accounts, and how to get a code."""
    _console.print(
        "\nSign in to the console as one of these, and look for who asked about the person below:", soft_wrap=True
    )
    for account in ready["console"]["accounts"]:
        said = f"{account['username']:<14} {account['password']}   code from {account['totp_secret']}"
        _console.print(f"  {said}   {account['role']}", soft_wrap=True, markup=False)
    secret = ready["console"]["totp_secret"]
    _console.print(
        "Type the secret into any authenticator app, or let Python make the code of this half minute:\n"
        f"  .venv/bin/python -c 'import pyotp; print(pyotp.TOTP(\"{secret}\").now())'",
        soft_wrap=True,
        markup=False,
    )


def text(value: Any) -> str:
    """A value of the contract as one line for people."""
    said = _text(value)
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_text(item) for item in value)
    if not isinstance(value, Mapping):
        return str(value)
    if "amount" in value and "currency" in value:
        return f"{int(value['amount']):,} {value['currency']}" if value["amount"].isdigit() else value["amount"]
    if "province" in value or "scheme" in value:
        return _address(value)
    parts = [value.get("full") or value.get("name") or value.get("tax")]
    parts += [value.get("personal_id"), value.get("relation")]
    shown = [_text(part) for part in parts if part]
    return ", ".join(shown) or str(value.get("code", ""))


def _address(value: Mapping[str, Any]) -> str:
    written = str(value.get("text") or value.get("detail") or "")
    current = value.get("current")
    return f"{written} (now in {current['province']['name']})" if current else written
