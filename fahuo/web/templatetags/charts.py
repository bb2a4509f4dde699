"""`{% load charts %}{% chart drawn %}` draws a `web.charts.Chart`; the page links static fahuo/charts.css."""

from typing import Any

from django import template

from fahuo.web.charts import Chart, Form, worded

register = template.Library()


@register.inclusion_tag("components/chart.html")
def chart(drawn: Chart) -> dict[str, Any]:
    """A chart with its legend and, folded, its figures as a table."""
    return {"chart": drawn}


@register.filter
def worded_as(value: float | None, form: Form) -> str:
    """A figure in words: `{{ share|worded_as:"percent" }}`."""
    return worded(value, form)
