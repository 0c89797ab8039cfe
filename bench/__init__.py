"""How fast the shop is beside the floor: bare Django with one query, measured in the same run on the same machine.

    make bench                    10,000 and 100,000 listings, three runs of each thing in turn (a quarter of an hour)
    make bench ARGS="--quick"     smaller and shorter (three minutes)
    make bench ARGS="pages"       one of the files in bench/benches only

Everything runs on a throw-away PostgreSQL and Valkey of its own. A file in bench/benches says what is asked for; nothing
else has to be changed to measure another part of the shop. docs/speed.md explains the figures.
"""
