"""Questions as they come in, and replies as they go out.

Source: RFC 1035, RFC 2181, RFC 6891 (EDNS), RFC 2308 (negative answers).
"""

from dataclasses import dataclass

from dnslib import CLASS, EDNS0, OPCODE, QTYPE, RCODE, RR, DNSHeader, DNSRecord

from podium_proxy.dns.answers import Answer

HEADER = 12
PLAIN_LIMIT = 512  # bytes of a reply by UDP to who says nothing of EDNS
MOST_BY_UDP = 1232  # what fits into an IPv6 packet that no network cuts in pieces
MOST_BY_TCP = 65535
_QR = 0x80
NOT_ANSWERED = ("AXFR", "IXFR")


class Unanswerable(Exception):
    """What is no question. `code` is what its sender is told, None when it is better told nothing."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Question:
    """`name` in lower case and without the last dot. `limit` is how many bytes its sender takes by UDP."""

    record: DNSRecord
    name: str
    kind: str
    limit: int
    edns: bool


def read(packet: bytes) -> Question:
    """Raises Unanswerable."""
    if len(packet) < HEADER or packet[2] & _QR:
        raise Unanswerable(None)
    try:
        record = DNSRecord.parse(packet)
    except Exception as error:  # whatever a stranger's bytes make of the parser
        raise Unanswerable(RCODE.FORMERR) from error
    if record.header.opcode != OPCODE.QUERY:
        raise Unanswerable(RCODE.NOTIMP)
    if len(record.questions) != 1:
        raise Unanswerable(RCODE.FORMERR)
    asked = record.questions[0]
    if asked.qclass != CLASS.IN:
        raise Unanswerable(RCODE.REFUSED)
    kind = str(QTYPE.get(asked.qtype))
    if kind in NOT_ANSWERED:
        raise Unanswerable(RCODE.NOTIMP)
    options = [each for each in record.ar if each.rtype == QTYPE.OPT]
    limit = min(max(options[0].rclass, PLAIN_LIMIT), MOST_BY_UDP) if options else PLAIN_LIMIT
    return Question(record, str(asked.qname).removesuffix(".").lower(), kind, limit, bool(options))


def refused(packet: bytes, code: int) -> bytes:
    """To what could not be read: its id, and no more."""
    header = DNSHeader(id=int.from_bytes(packet[:2], "big"), bitmap=0, qr=1, ra=1, rcode=code)
    return bytes(DNSRecord(header).pack())


def failed(question: Question) -> bytes:
    return written(question, Answer(code=RCODE.SERVFAIL), MOST_BY_UDP, ours=False)


def written(question: Question, answer: Answer, most: int, *, ours: bool = True) -> bytes:
    """The reply in at most so many bytes: without what is additional, or cut off, if it must be."""
    for additional in (answer.additional, []):
        reply = _reply(question, answer.code, ours)
        reply.add_answer(*answer.records)
        reply.add_auth(*answer.authority)
        packed = _packed(question, reply, additional)
        if len(packed) <= most:
            return packed
    cut = _reply(question, answer.code, ours)
    cut.header.tc = 1
    return _packed(question, cut, [])


def _reply(question: Question, code: int, ours: bool) -> DNSRecord:
    reply: DNSRecord = question.record.reply(ra=1, aa=int(ours))
    reply.header.rcode = code
    return reply


def _packed(question: Question, reply: DNSRecord, additional: list[RR]) -> bytes:
    reply.add_ar(*additional)
    if question.edns:
        reply.add_ar(EDNS0(udp_len=MOST_BY_UDP))
    return bytes(reply.pack())
