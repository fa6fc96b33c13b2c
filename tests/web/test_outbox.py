"""What waits for a slow connection is bounded: the newest state, and of every other message the newest."""

import asyncio

from coach.web.outbox import Outbox


def sent_after(fill):
    """All messages that go out once `fill` has put its own and the last one in."""

    async def run():
        outbox = Outbox(asyncio.get_running_loop())
        fill(outbox)
        outbox.put({"type": "over"})
        sent = []

        async def send(message):
            sent.append(message)

        await outbox.pump(send)
        return sent

    return asyncio.run(run())


def test_who_does_not_read_lets_nothing_pile_up():
    def fill(outbox):
        for seq in range(1000):
            outbox.put({"type": "ack", "seq": seq})
            outbox.put({"type": "bad-frame", "seq": seq})
            outbox.put_state({"type": "state", "seq": seq, "says": [], "done": []})

    sent = sent_after(fill)
    assert [m["type"] for m in sent] == ["state", "ack", "bad-frame", "over"]
    assert [m["seq"] for m in sent[:3]] == [999] * 3


def test_what_was_said_in_skipped_states_is_carried_along():
    def fill(outbox):
        for word in ("one", "two", "three"):
            outbox.put_state({"type": "state", "says": [word], "done": []})

    assert sent_after(fill)[0]["says"] == ["one", "two", "three"]
