"""Tests of which passwords are accepted, and of how they are checked."""

import asyncio
import threading
import time
from pathlib import Path
from random import Random

import pytest
from argon2 import PasswordHasher, extract_parameters

from gateway.console.accounts import passwords
from gateway.console.accounts.errors import AccountRefused, SignInBusy
from gateway.console.accounts.passwords import AT_ONCE, Hasher

PATIENCE_SECONDS = 30.0
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Watched(PasswordHasher):
    """Counts how many checks run at the same time, and lets them run together. None ends before `go` is set."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.running = self.most = 0
        self.go = threading.Event()
        self._lock = threading.Lock()

    def verify(self, *given: object) -> bool:  # type: ignore[override]
        """Slowly."""
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        assert self.go.wait(PATIENCE_SECONDS)
        time.sleep(0.02)
        with self._lock:
            self.running -= 1
        return super().verify(*given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "password",
    ["twelve chars", "một câu dài dễ nhớ", "x1" * 6 + "y", "кириллица тоже", "            a b c", "xyz" * 85 + "x"],
)
def test_good_enough(password: str) -> None:
    """Any twelve characters that are not common: no rule of composition."""
    passwords.check(password, username="an.nguyen", name="Nguyễn Văn An")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("elevenchars", "password_short"),
        ("ﬃ" * 3, "password_short"),
        ("e\u0302\u0301" * 6, "password_short"),
        ("x" * 100 + "y" * 157, "password_long"),
        ("aaaaaaaaaaaa", "password_common"),
        ("abababababab", "password_common"),
        ("Password1234", "password_common"),
        ("MATKHAUMATKHAU!", "password_common"),
        ("kiem toan vien 2026", "password_common"),
        ("lienthonggateway", "password_common"),
        ("Nguyễn Văn Long", "password_same"),
        ("an.nguyen.van", "password_same"),
        ("AN.NGUYEN.VAN.2026", "password_common"),
    ],
)
def test_not_good_enough(password: str, code: str) -> None:
    """Short, long, common, or the name: counted and compared after normalisation."""
    username = "an.nguyen.van"
    with pytest.raises(AccountRefused) as refused:
        passwords.check(password, username=username, name="Nguyễn Văn Long")
    assert refused.value.code == code
    assert password not in str(refused.value)


def test_the_list_of_common_ones() -> None:
    """About a hundred, none twice, none in a form that would never match."""
    lines = (Path(passwords.__file__).parent / "commonest.txt").read_text("utf-8").splitlines()
    listed = [line for line in lines if not line.startswith("#")]
    assert 90 <= len(listed) <= 200
    assert len(set(listed)) == len(listed)
    for password in listed:
        with pytest.raises(AccountRefused):
            passwords.check(password, username="x", name="y")


def test_initial_passwords() -> None:
    """Different, readable, and accepted as any other."""
    drawn = {passwords.initial(Random(seed).randbytes) for seed in range(99)}
    assert len(drawn) == 99
    for password in drawn:
        assert len(password) == 24
        passwords.check(password, username="an", name="An")


async def test_checking() -> None:
    """The right one, in whatever way it was typed, and no other; no password is never right."""
    hasher = Hasher(QUICK)
    kept = await hasher.hash("mật khẩu đủ dài")
    decomposed = "mâ\u0323t khâ\u0309u đu\u0309 da\u0300i"
    assert decomposed != "mật khẩu đủ dài"
    assert await hasher.verify(kept, decomposed)
    assert not await hasher.verify(kept, "mật khẩu đủ dài ")
    assert not await hasher.verify(None, "no account has this password")
    assert not await hasher.verify("no hash", "x")
    hasher.close()


async def test_shipped_parameters() -> None:
    """argon2id with what the library recommends today; a hash with less is outdated, and still checked."""
    hasher = Hasher()
    parameters = extract_parameters(await hasher.hash("x"))
    assert parameters.type.name == "ID"
    assert parameters.memory_cost >= 46 * 1024
    assert hasher.outdated(QUICK.hash("x"))
    assert await hasher.verify(QUICK.hash("x"), "x")
    hasher.close()


async def test_never_more_than_two_at_once() -> None:
    """Many sign-ins wait for each other, also those whose browser has gone; the loop goes on meanwhile."""
    engine = Watched()
    hasher = Hasher(engine)
    kept = await hasher.hash("x")
    tasks = [asyncio.create_task(hasher.verify(kept, "x")) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[:10]:
        task.cancel()
    ends = time.monotonic() + PATIENCE_SECONDS
    while engine.running < AT_ONCE:  # the loop goes on while they run
        assert time.monotonic() < ends
        await asyncio.sleep(0.001)
    assert not any(task.done() for task in tasks[10:])
    engine.go.set()
    assert all(await asyncio.gather(*tasks[10:]))
    assert engine.most == AT_ONCE
    hasher.close()


async def test_a_queue_has_an_end() -> None:
    """Who would wait behind too many is told at once, and later there is room again."""
    engine = Watched()
    hasher = Hasher(engine, waiting=2)
    kept = await hasher.hash("x")
    tasks = [asyncio.create_task(hasher.verify(kept, "x")) for _ in range(6)]
    await asyncio.sleep(0)
    engine.go.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in done].count(SignInBusy) == 2
    await asyncio.sleep(0)
    assert await hasher.verify(kept, "x")
    hasher.close()
