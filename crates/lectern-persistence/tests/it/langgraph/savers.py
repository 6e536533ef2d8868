"""LangGraph's own savers on a database: the action and the URL are the arguments, then the thread. Ends with "fine" or with the first surprise.

setup: what LangGraph does first.
old: the same, as an older version of it did.
use: keeps two checkpoints of a thread, the second with writes that are pending, and finds them.
read: finds them later.
"""

import sys
from contextlib import contextmanager

from langgraph.checkpoint.base import empty_checkpoint


@contextmanager
def saver(url):
    if url.startswith("sqlite://"):
        from langgraph.checkpoint.sqlite import SqliteSaver

        with SqliteSaver.from_conn_string(url.removeprefix("sqlite://")) as saver:
            yield saver
    else:
        from langgraph.checkpoint.postgres import PostgresSaver

        with PostgresSaver.from_conn_string(url) as saver:
            yield saver


def same(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def setup_as_older_versions_did(saver):
    if hasattr(saver, "MIGRATIONS"):
        saver.MIGRATIONS = saver.MIGRATIONS[:4]
        saver.setup()
    else:
        saver.setup()
        # Before version 3.1.2 there was none.
        saver.conn.execute("ALTER TABLE writes DROP COLUMN task_path")


def checkpoint(messages, version):
    return {
        **empty_checkpoint(),
        "channel_values": {"messages": messages, "unused": None},
        "channel_versions": {"messages": version, "unused": version},
    }


def use(saver, thread):
    base = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
    versions = {"messages": "1", "unused": "1"}
    first = saver.put(base, checkpoint(["Où ?"], "1"), {"source": "input", "step": -1}, versions)
    versions = {"messages": "2", "unused": "2"}
    second = saver.put(first, checkpoint(["Où ?", "Là 🚀"], "2"), {"source": "loop", "step": 0}, versions)
    saver.put_writes(second, [("messages", ["more"]), ("other", {"a": b"\x00\xff"})], "task-1", "~path/1")
    # The same again changes nothing.
    saver.put_writes(second, [("messages", ["more"])], "task-1", "~path/1")


def read(saver, thread):
    base = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
    latest = saver.get_tuple(base)
    same(latest.checkpoint["channel_values"]["messages"], ["Où ?", "Là 🚀"])
    same(latest.metadata["source"], "loop")
    same(latest.pending_writes, [("task-1", "messages", ["more"]), ("task-1", "other", {"a": b"\x00\xff"})])
    before = saver.get_tuple(latest.parent_config)
    same(before.checkpoint["channel_values"]["messages"], ["Où ?"])
    same([tuple.metadata["step"] for tuple in saver.list(base)], [0, -1])
    same([tuple.metadata["step"] for tuple in saver.list(base, filter={"source": "input"})], [-1])
    same([tuple.metadata["step"] for tuple in saver.list(base, before=latest.config, limit=1)], [-1])


action, url = sys.argv[1:3]
with saver(url) as saver:
    if action == "old":
        setup_as_older_versions_did(saver)
    else:
        saver.setup()
    if action == "use":
        use(saver, sys.argv[3])
    if action in ("use", "read"):
        read(saver, sys.argv[3])
print("fine")
