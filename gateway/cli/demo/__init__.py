"""`gateway demo`: the main job on one machine, over real sockets."""

from gateway.cli.demo.command import demo

__all__ = ["demo"]
