"""The control surface under `/_control/`: JSON for tests and the demo, pages for people. Loopback only."""
