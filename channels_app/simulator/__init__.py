"""A local stand-in for Meta's Cloud API: its own process, its own small store; shares no code with our client."""
