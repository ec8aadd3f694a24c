"""PyPI `hl7apy`: its MLLPServer, one thread and one message per TCP connection, nothing stored.

python hl7apy_server.py PORT
"""

from __future__ import annotations

import sys

from hl7apy.core import Message
from hl7apy.mllp import AbstractHandler, MLLPServer
from hl7apy.parser import parse_message


class Acknowledge(AbstractHandler):
    """Parses the message and answers AA."""

    def reply(self) -> str:
        received = parse_message(self.incoming_message)
        answer = Message("ACK", version="2.5.1")
        answer.msh.msh_9 = "ACK"
        answer.msa.msa_1 = "AA"
        answer.msa.msa_2 = received.msh.msh_10.to_er7()
        return str(answer.to_mllp())


if __name__ == "__main__":
    server = MLLPServer("127.0.0.1", int(sys.argv[1]), {"RDE^O11^RDE_O11": (Acknowledge,)})
    server.request_queue_size = 128
    server.socket.listen(128)
    server.serve_forever()
