"""A name server on loopback, which says what a test has it say."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@dataclass
class NameServer:
    address: str
    records: dict[str, list[str]] = field(default_factory=dict)
    """TXT records by name, without the dot at the end."""
    fault: dns.rcode.Rcode | None = None
    is_silent: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        name = question.question[0].name.to_text(omit_final_dot=True)
        self.asked.append(name)
        if self.fault is not None:
            answer.set_rcode(self.fault)
        elif name not in self.records:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            texts = [f'"{text}"' for text in self.records[name]]
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *texts))
        return answer


@contextmanager
def running() -> Iterator[NameServer]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.05)
        made = NameServer(f"127.0.0.1:{listening.getsockname()[1]}")
        is_over: list[bool] = []

        def serve() -> None:
            while not is_over:
                try:
                    wire, whence = listening.recvfrom(4096)
                except TimeoutError:
                    continue
                if not made.is_silent:
                    listening.sendto(made.answer(dns.message.from_wire(wire)).to_wire(), whence)

        thread = Thread(target=serve)
        thread.start()
        yield made
        is_over.append(True)
        thread.join()
