"""Kinds of messages and of open work, and the choices of the lists. Pure."""

from enum import StrEnum
from typing import Literal

Due = Literal["late", "today", "near"]
Sort = Literal["priority", "due", "oldest", "newest"]
StoppedKind = Literal["waiting", "visit"]
WorkKind = Literal["decision", "message", "appeal", "second-review"]
"""`decision`: any that is to be decided. `appeal`: a refusal under appeal. `second-review`: what an officer proposed
and a supervisor confirms. `message`: a message of the citizen to be answered."""


class Queue(StrEnum):
    """The queue in which a row of open work waits; a supervisor works on that of the officers too."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"


class WorkItemKind(StrEnum):
    """What a row of open work waits for: a decision, or an answer to the citizen's message."""

    DECISION = "decision"
    MESSAGE = "message"


class MessageKind(StrEnum):
    """What a message about a request is: said by either side, what staff ask for and the citizen answers, the reason of
    an appeal, the words of a decision, or a note for staff."""

    MESSAGE = "message"
    ASK = "ask"
    ANSWER = "answer"
    APPEAL = "appeal"
    DECISION = "decision"
    NOTE = "note"
