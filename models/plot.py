"""A reliability diagram as SVG: how often answers are right, by how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from models.metrics import Bin

SIDE, MARGIN = 400, 48
"""Of the square that is drawn in, and of what is around it, in pixels."""


def reliability(bins: Sequence[Bin], title: str) -> str:
    """An SVG document. A point on the diagonal is as often right as it is sure; its area grows with its answers."""
    size = SIDE + 2 * MARGIN
    svg = ElementTree.Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {size} {size}",
        style="font: 13px sans-serif; background: white",
    )
    _line(svg, (0, 0), (1, 0))
    _line(svg, (0, 0), (0, 1))
    _line(svg, (0, 0), (1, 1), dashed=True)
    for tick in range(0, 11, 2):
        share = tick / 10
        _text(svg, share, 0, f"{tick * 10} %", dy=18, anchor="middle")
        _text(svg, 0, share, f"{tick * 10} %", dx=-6, dy=4, anchor="end")
    most = max((each.count for each in bins), default=1)
    for each in bins:
        x, y = _at(each.confidence, each.accuracy)
        radius = 3 + 9 * (each.count / most) ** 0.5
        point = ElementTree.SubElement(
            svg, "circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{radius:.1f}", fill="#2563eb", opacity="0.75"
        )
        ElementTree.SubElement(point, "title").text = f"{each.count} answers, {each.accuracy:.0%} right"
    _text(svg, 0.5, 0, "confidence", dy=38, anchor="middle")
    _text(svg, 0, 1, f"{title}: share that is right", dx=-30, dy=-16, anchor="start")
    return ElementTree.tostring(svg, encoding="unicode")


def _at(x: float, y: float) -> tuple[float, float]:
    return MARGIN + x * SIDE, MARGIN + (1 - y) * SIDE


def _line(
    svg: ElementTree.Element, begin: tuple[float, float], end: tuple[float, float], *, dashed: bool = False
) -> None:
    (x1, y1), (x2, y2) = _at(*begin), _at(*end)
    line = ElementTree.SubElement(svg, "line", x1=f"{x1}", y1=f"{y1}", x2=f"{x2}", y2=f"{y2}", stroke="#555")
    if dashed:
        line.set("stroke-dasharray", "4 4")


def _text(
    svg: ElementTree.Element, x: float, y: float, words: str, *, dx: int = 0, dy: int = 0, anchor: str
) -> None:
    left, top = _at(x, y)
    attributes = {"x": f"{left + dx}", "y": f"{top + dy}", "text-anchor": anchor, "fill": "#333"}
    ElementTree.SubElement(svg, "text", attributes).text = words
