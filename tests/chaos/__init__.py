"""The whole shop under fire: real processes killed, frozen and emptied under load, on throw-away services. `make chaos`."""
