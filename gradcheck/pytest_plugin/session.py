"""What happens to the items of a session that are ours: keywords, groups, properties."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradcheck.pytest_plugin.items import LayerCheck, group_of, layer_check_of


def ours(items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, LayerCheck]]:
    """Yield the items that check a layer, with their checks."""
    for item in items:
        layer_check = layer_check_of(item)
        if layer_check is not None:
            yield item, layer_check


def marked(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark our items, or take them out of the session where ``--no-gradcheck`` says so."""
    found = list(ours(items))
    if config.option.no_gradcheck:
        out = {id(item) for item, _ in found}
        items[:] = [item for item in items if id(item) not in out]
        config.hook.pytest_deselected(items=[item for item, _ in found])
        return
    grouped = config.pluginmanager.hasplugin("xdist")
    for item, layer_check in found:
        item.add_marker("gradcheck")
        item.extra_keyword_matches.add(layer_check.check.code)
        if grouped:
            item.add_marker(pytest.mark.xdist_group(group_of(layer_check.run)))


def asked(items: list[pytest.Item]) -> None:
    """Tell each layer which checks are items of this session."""
    found = list(ours(items))
    for _, layer_check in found:
        layer_check.run.asked.clear()
    for _, layer_check in found:
        layer_check.run.asked.append(layer_check.check.name)


def noted(item: pytest.Item) -> None:
    """Give an item that has run the figures of its layer, for the summary and JUnit's XML."""
    layer_check = layer_check_of(item)
    if layer_check is not None and layer_check.told is not None:
        item.user_properties.extend(layer_check.told.properties)
