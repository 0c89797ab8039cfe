"""Many watchers of a room's events in one small process: python -m tests.acceptance.listening URL HOW_MANY LAST

Says "ready" once all are connected; once each has heard an event with the word LAST, says as JSON what each of them heard:
kind, id, data and when.
"""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit


async def listen(host: str, port: int, path: str, heard: list[list[object]], connected: asyncio.Event) -> None:
    """One watcher; adds each event to `heard`."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n\r\n".encode())
    status = await reader.readline()
    if b" 200 " not in status:
        raise RuntimeError(status)
    connected.set()
    event: dict[str, str] = {}
    while line := (await reader.readline()).decode():
        name, colon, value = line.rstrip("\r\n").partition(": ")
        if colon:
            event[name] = value
        elif "event" in event and not name:
            heard.append([event["event"], event["id"], json.loads(event["data"])[:300], time.time()])
            event = {}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main(url: str, how_many: int, last: str) -> None:
    parts = urlsplit(url)
    heard: list[list[list[object]]] = [[] for _watcher in range(how_many)]
    connected = [asyncio.Event() for _watcher in range(how_many)]
    lines = [
        asyncio.create_task(
            listen(
                parts.hostname or "", parts.port or 80, f"{parts.path}?{parts.query}", heard[place], connected[place]
            )
        )
        for place in range(how_many)
    ]
    for event in connected:
        waiting = asyncio.create_task(event.wait())
        await asyncio.wait([waiting, *lines], return_when=asyncio.FIRST_COMPLETED)
        if failed := [line for line in lines if line.done()]:
            failed[0].result()
    say("ready")
    while not all(any(last in str(data) for _kind, _id, data, _at in one) for one in heard):
        await asyncio.sleep(0.2)
        if failed := [line for line in lines if line.done()]:
            failed[0].result()
    for line in lines:
        line.cancel()
    say(json.dumps(heard))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
