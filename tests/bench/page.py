"""A page of the Lab by its Streamlit connection: asks for script runs as a browser does, and hears what they draw."""

import json
from collections.abc import Callable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection

COMPONENT = "normviz_live"
PRESETS, SEED = "preset", "a.seed"


class PageError(RuntimeError):
    """A script run that failed."""


class Page:
    """One session. ``opens`` is called with the configuration as soon as the live view is told to open another one."""

    def __init__(self, socket: ClientConnection, opens: Callable[[dict[str, Any]], None]) -> None:
        self._socket, self._opens = socket, opens
        self._ids: dict[str, str] = {}
        self._values: dict[str, WidgetState] = {}
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
        """Say of every widget what it shows, as a browser does, and of one another value."""
        changed = WidgetState(id=self._ids[key])
        setattr(changed, kind, value)
        message = BackMsg()
        states = {**self._values, changed.id: changed}
        if key != PRESETS:  # that list is free again at once
            self._values[changed.id] = changed
        message.rerun_script.widget_states.widgets.extend(states.values())
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
        kind = element.WhichOneof("type") or "empty"
        drawn = getattr(element, kind)
        if kind == "exception":
            raise PageError(f"{drawn.type}: {drawn.message}")
        if kind in SHOWN:
            self._ids[drawn.id.rpartition("-")[2]] = drawn.id
            self._show(drawn.id, *SHOWN[kind](drawn), fresh=drawn.set_value)
        elif kind == "bidi_component" and drawn.component_name == COMPONENT:
            config = json.loads(drawn.json)["config"]
            if config != self._config:
                self._config = config
                self._opens(config)

    def _show(self, name: str, kind: str, value: Any, *, fresh: bool) -> None:
        """Remember what a widget shows: its default at first, then what it was set to."""
        if value is None:
            self._values.pop(name, None)
        elif fresh or name not in self._values:
            state = self._values[name] = WidgetState(id=name)
            if isinstance(value, list):
                getattr(state, kind).data.extend(value)
            else:
                setattr(state, kind, value)


def _chosen(box: Any) -> tuple[str, str | None]:
    named = box.raw_value if box.HasField("raw_value") else None
    if not box.set_value and box.HasField("default"):
        named = box.options[box.default]
    return "string_value", named


def _pressed(group: Any) -> tuple[str, list[str]]:
    first = [group.options[index].content for index in group.default]
    return "string_array_value", list(group.raw_values) if group.set_value else first


def _listed(several: Any) -> tuple[str, list[str]]:
    first = [several.options[index] for index in several.default]
    return "string_array_value", list(several.raw_values) if several.set_value else first


def _slid(slider: Any) -> tuple[str, list[Any]]:
    if slider.type == Slider.SELECT_SLIDER:
        first = [slider.options[int(index)] for index in slider.default]
        return "string_array_value", list(slider.raw_value) if slider.set_value else first
    return "double_array_value", list(slider.value if slider.set_value else slider.default)


def _typed(kind: str) -> Callable[[Any], tuple[str, Any]]:
    return lambda field: (kind, field.value if field.set_value else field.default)


#: What a widget shows, by its kind: the field of its state, and the value; None where nothing is chosen.
SHOWN: dict[str, Callable[[Any], tuple[str, Any]]] = {
    "selectbox": _chosen,
    "button_group": _pressed,
    "multiselect": _listed,
    "slider": _slid,
    "number_input": _typed("double_value"),
    "checkbox": _typed("bool_value"),
    "text_input": _typed("string_value"),
}
