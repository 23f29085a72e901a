"""`python -m channels_app.simulator`: the same as `manage.py simulator`, without Django."""

from channels_app.simulator.server import main

if __name__ == "__main__":
    main()
