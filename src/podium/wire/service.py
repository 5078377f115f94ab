"""An AWS service we answer for: its model, and the functions behind its operations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, overload

from botocore import xform_name
from botocore.model import ServiceModel

from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.errors import ClientError
from podium.wire.errors import ValidationException
from podium.wire.model import SERVICES, service_model

Operation = Callable[..., Any]
F = TypeVar("F", bound=Operation)
Invalid = Callable[[str, str], ClientError]
Asks = Callable[[Call, Any, str, dict[str, Any]], Sequence[Ask]]


def _invalid(operation: str, message: str) -> ClientError:
    return ValidationException(message)


class AwsService:
    """Operations register under the API's name: create_cluster answers CreateCluster.

    `reading` names those that only read and so may run on the committed snapshot; `journaling` those that need the
    journals and no transaction, which write no record either. `invalid` makes the error for a request that breaks the
    model's rules, from the operation's name and a sentence; with `words` the model's enumerations are among the rules.
    `asks` says what a request needs to be allowed, from the call, a transaction, the operation's name and the request;
    a service that says nothing asks for the operation of the same name on `*`. Root's reads are not asked about, unless
    `asks_root`: where resources have policies, these bind root, too. `not_yet` says of operations that are
    not answered what is missing for them.
    """

    def __init__(
        self,
        name: str,
        *,
        invalid: Invalid = _invalid,
        words: bool = False,
        asks_root: bool = False,
        not_yet: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.not_yet = not_yet or {}
        self.invalid = invalid
        self.words = words
        self.asks_root = asks_root
        self.asks: Asks = self._asks_for_itself
        self.operations: dict[str, Operation] = {}
        self.reading: set[str] = set()
        self.journaling: set[str] = set()
        self._names: dict[str, str] = {}

    def _asks_for_itself(self, call: Call, tx: Any, operation: str, request: dict[str, Any]) -> Sequence[Ask]:
        return (Ask(action=f"{self.model.signing_name}:{operation}"),)

    @property
    def model(self) -> ServiceModel:
        return service_model(self.name)

    @overload
    def operation(self, function: F, /) -> F: ...

    @overload
    def operation(self, /, *, reads: bool = False, journal: bool = False) -> Callable[[F], F]: ...

    def operation(
        self, function: F | None = None, /, *, reads: bool = False, journal: bool = False
    ) -> F | Callable[[F], F]:
        """Answer the operation that the function is named after. `reads` promises that it writes nothing.

        With `journal` it is called outside the core, in a thread, with the journals in place of a transaction. What
        needs both answers with what is to be done with the journals (`podium.journals.kept.Later`).
        """

        def register(function: F) -> F:
            name = self._api_name(function.__name__)
            assert name not in self.operations, f"{self.name} {name} is answered twice"
            self.operations[name] = function
            if reads or journal:
                self.reading.add(name)
            if journal:
                self.journaling.add(name)
            return function

        return register if function is None else register(function)

    def _api_name(self, function_name: str) -> str:
        """What the table lists needs no model: EC2's is large, and read only once somebody calls EC2."""
        if not self._names:
            self._names = {xform_name(name): name for name in SERVICES[self.name].operations}
        if function_name not in self._names:
            self._names = {xform_name(name): name for name in self.model.operation_names}
        assert function_name in self._names, f"{self.name} has no operation for {function_name}"
        return self._names[function_name]
