"""A page of the Lab by its Streamlit connection: asks for script runs as a browser does, and hears what they draw."""

import json
from collections.abc import Callable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

COMPONENT = "normviz_live"
PRESETS, SEED = "preset", "a.seed"


class PageError(RuntimeError):
    """A script run that failed."""


class Page:
    """One session. ``opens`` is called with the configuration as soon as the live view is told to open another one."""

    def __init__(self, socket: ClientConnection, opens: Callable[[dict[str, Any]], None]) -> None:
        self._socket, self._opens = socket, opens
        self._widgets: dict[str, str] = {}
        self._config: dict[str, Any] | None = None

    async def visit(self, query: str) -> None:
        """Open a link, and wait until the script has finished.

        Raises:
            PageError: the script has failed.
        """
        message = BackMsg()
        message.rerun_script.query_string = query
        await self._run(message)

    async def choose_preset(self, title: str) -> None:
        """Choose in the list of presets. Raises as :meth:`visit`."""
        await self._run(self._changed(PRESETS, "string_value", title))

    async def set_seed(self, seed: int) -> None:
        """Type another seed. Raises as :meth:`visit`."""
        await self._run(self._changed(SEED, "double_value", float(seed)))

    def _changed(self, key: str, kind: str, value: object) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = self._widgets[key]
        setattr(state, kind, value)
        return message

    async def _run(self, message: BackMsg) -> None:
        await self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(await self._socket.recv())  # pyright: ignore
            kind = answer.WhichOneof("type")
            if kind == "delta":
                self._draw(answer.delta.new_element)
            elif kind == "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise PageError("the script does not compile")
                return

    def _draw(self, element: Any) -> None:
        match element.WhichOneof("type"):
            case "exception":
                raise PageError(f"{element.exception.type}: {element.exception.message}")
            case "selectbox" | "number_input" as kind:
                name = getattr(element, kind).id
                self._widgets[name.rpartition("-")[2]] = name
            case "bidi_component" if element.bidi_component.component_name == COMPONENT:
                config = json.loads(element.bidi_component.json)["config"]
                if config != self._config:
                    self._config = config
                    self._opens(config)
            case _:
                pass
