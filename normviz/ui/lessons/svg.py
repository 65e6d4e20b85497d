"""Pictures that are drawn here as SVG and put into the page, in the colours of its theme."""

from streamlit.components.v2 import component as component_of

_PUT = """export default function ({ parentElement, data }) {
  parentElement.querySelector(".drawing").innerHTML = data.svg;
}
"""


def draw(name: str, svg: str, css: str) -> None:
    """Show markup of our own with its style sheet; nothing that a visitor typed may be in it as it is."""
    component = component_of(
        f"normviz_{name}", html='<div class="drawing"></div>', css=css, js=_PUT
    )
    component(key=f"{name}.drawing", data={"svg": svg})
