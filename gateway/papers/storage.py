"""Whether contents of documents can be kept and read now, for whoever watches the gateway."""

from collections.abc import Callable

from gateway.objects.contract import ObjectStore, ObjectsUnavailable, ObjectUnreadable

EVERY_SECONDS = 60.0


class Storage:
    """Asks the store of objects at most once in `EVERY_SECONDS`: asking writes. `clock`: monotonic seconds."""

    def __init__(self, objects: ObjectStore, clock: Callable[[], float]) -> None:
        self._objects, self._clock = objects, clock
        self._asked: float | None = None
        self._word: str | None = None

    async def probe(self) -> str | None:
        """None when all is well, else one word: the reason of ObjectsUnavailable, or `unreadable`."""
        now = self._clock()
        if self._asked is None or now - self._asked >= EVERY_SECONDS:
            self._asked = now
            try:
                await self._objects.check()
                self._word = None
            except ObjectsUnavailable as error:
                self._word = error.reason
            except ObjectUnreadable:
                self._word = "unreadable"
        return self._word
