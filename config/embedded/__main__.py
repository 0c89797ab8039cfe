"""The command line of the embedded services."""

import sys

from config.embedded import BASE_DIR, EmbeddedError, destroy, ensure, paths, status, stop


def main(arguments: list[str]) -> int:
    """Run one of start, stop, status, destroy. Returns the exit status; `status` is 1 unless both services run."""
    action = arguments[0] if len(arguments) == 1 else ""
    actions = {"start": ensure, "stop": stop, "destroy": destroy, "status": status}
    if action not in actions:
        print("usage: python -m config.embedded start|stop|status|destroy", file=sys.stderr)
        return 2
    try:
        actions[action]()
        running = status()
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    for name, is_running in running.items():
        print(f"{name}: {'running' if is_running else 'not running'}")
    if all(running.values()):
        print(f"sockets: {paths(BASE_DIR).socket_dir}")
    return 0 if action != "status" or all(running.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
