"""An hour of a unit's clock has no zone: every `time` of a schema or a parameter refuses one."""

from collections.abc import Iterator
from datetime import time
from typing import Annotated, Any, get_args

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from app.kernel.schemas import ClockTime
from app.kernel.settings import Settings
from app.main import create_app


def has_time(annotation: Any) -> bool:
    return annotation is time or any(has_time(inner) for inner in get_args(annotation))


def whole(field: FieldInfo) -> Any:
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def takes_zone(annotation: Any) -> bool:
    """Whether an hour with a zone passes; of a list, also as its element."""
    adapter = TypeAdapter(annotation)
    for sent in ("09:00+05:00", ["09:00Z"]):
        try:
            adapter.validate_python(sent)
        except ValidationError:
            continue
        return True
    return False


def models(kind: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from models(one)


def parameters(dependant: Dependant) -> Iterator[Any]:
    yield from (*dependant.query_params, *dependant.path_params, *dependant.header_params, *dependant.body_params)
    for inner in dependant.dependencies:
        yield from parameters(inner)


def test_no_hour_takes_a_zone() -> None:
    routes = [route for route in create_app().routes if isinstance(route, APIRoute)]
    fields = {
        f"{model.__name__}.{name}": whole(info)
        for model in models()
        if model.__module__.startswith("app.") and not issubclass(model, Settings)
        for name, info in model.model_fields.items()
    }
    fields |= {
        f"{route.path} {one.name}": whole(one.field_info) for route in routes for one in parameters(route.dependant)
    }
    hours = {name: annotation for name, annotation in fields.items() if has_time(annotation)}
    assert "ScheduleIn.starts" in hours
    assert [name for name, annotation in hours.items() if takes_zone(annotation)] == [], "write ClockTime"


@pytest.mark.parametrize("annotation", [time, time | None, list[time]])
def test_one_that_takes_a_zone_is_noticed(annotation: Any) -> None:
    assert takes_zone(annotation)
    assert not takes_zone(ClockTime)
