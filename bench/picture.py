"""Small pictures of results: lines and bars as SVG, to be looked at beside the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log10

COLORS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#4b5563", "#65a30d")
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 400, 70, 44, 290, 56


@dataclass(frozen=True)
class Series:
    name: str
    points: Sequence[tuple[float, float]]


def lines(title: str, across: str, up: str, series: Sequence[Series], mark: float | None = None) -> str:
    """Values from 0 up over a logarithmic axis. `mark` is a value that a dashed line shows."""
    xs = sorted({x for one in series for x, _ in one.points})
    top = max([y for one in series for _, y in one.points] + ([mark] if mark else [])) * 1.1 or 1.0

    def at(x: float, y: float) -> tuple[float, float]:
        share = (log10(x) - log10(xs[0])) / ((log10(xs[-1]) - log10(xs[0])) or 1)
        inner = HEIGHT - TOP - BOTTOM
        return LEFT + share * (WIDTH - LEFT - RIGHT), TOP + inner - y / top * inner

    parts = [_axis(at, xs, top, across, up), *(_dashed(at, xs, mark) if mark else ())]
    for number, one in enumerate(series):
        color = COLORS[number % len(COLORS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in one.points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in (at(*p) for p in one.points)]
        parts.append(_legend(number, one.name, color))
    return _page(title, parts)


def bars(title: str, unit: str, rows: Sequence[tuple[str, float]]) -> str:
    """One bar a row, the longest as long as there is room."""
    top, inner, step = max(value for _, value in rows) or 1.0, WIDTH - 400, (HEIGHT - TOP - 20) / len(rows)
    parts = []
    for number, (name, value) in enumerate(rows):
        y, long = TOP + number * step, value / top * inner
        parts.append(f'<text x="280" y="{y + step / 2 + 4:.1f}" text-anchor="end">{escape(name)}</text>')
        parts.append(
            f'<rect x="290" y="{y + step * 0.15:.1f}" width="{long:.1f}" height="{step * 0.7:.1f}" fill="{COLORS[0]}"/>'
        )
        parts.append(f'<text x="{296 + long:.1f}" y="{y + step / 2 + 4:.1f}">{value:,.3g} {escape(unit)}</text>')
    return _page(title, parts)


def _axis(at, xs: Sequence[float], top: float, across: str, up: str) -> str:  # type: ignore[no-untyped-def]
    (left, bottom), (right, _) = at(xs[0], 0), at(xs[-1], 0)
    found = [f'<path d="M{left},{TOP} V{bottom} H{right}" fill="none" stroke="#9ca3af"/>']
    for x in xs:
        found.append(f'<text x="{at(x, 0)[0]:.1f}" y="{bottom + 18}" text-anchor="middle">{x:,.0f}</text>')
    for quarter in range(5):
        value = top * quarter / 4
        found.append(f'<text x="{left - 8}" y="{at(xs[0], value)[1] + 4:.1f}" text-anchor="end">{value:,.3g}</text>')
    found.append(f'<text x="{(left + right) / 2}" y="{bottom + 40}" text-anchor="middle">{escape(across)}</text>')
    found.append(f'<text x="{left - 8}" y="{TOP - 10}" text-anchor="end">{escape(up)}</text>')
    return "".join(found)


def _dashed(at, xs: Sequence[float], mark: float) -> list[str]:  # type: ignore[no-untyped-def]
    (left, y), (right, _) = at(xs[0], mark), at(xs[-1], mark)
    return [f'<path d="M{left},{y:.1f} H{right}" stroke="#111827" stroke-dasharray="5 4"/>']


def _legend(number: int, name: str, color: str) -> str:
    y = TOP + 12 + number * 20
    swatch = f'<rect x="{WIDTH - RIGHT + 20}" y="{y - 9}" width="10" height="10" fill="{color}"/>'
    return f'{swatch}<text x="{WIDTH - RIGHT + 36}" y="{y}">{escape(name)}</text>'


def _page(title: str, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
    head += 'font-size="12" fill="#111827"><rect width="100%" height="100%" fill="#ffffff"/>'
    name = f'<text x="16" y="22" font-size="15" font-weight="bold">{escape(title)}</text>'
    return "\n".join((head, name, *parts, "</svg>\n"))
