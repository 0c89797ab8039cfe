"""What happens in a room, told to all who watch it.

Rows are written by the services; one process (`manage.py run_live`) looks a few times a second what is new in the rooms
that are on (teller.py) and writes it into a Valkey stream per room (stream.py); relays (relay.py) read each room's stream
once and pass it on to however many watch. No watcher costs the database anything.
"""
