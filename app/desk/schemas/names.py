"""What several schemas of the desk share."""

from typing import Annotated

from pydantic import Field

ServiceName = Annotated[str, Field(min_length=1, max_length=60, examples=["family-medicine"])]
CounterNumber = Annotated[int, Field(ge=1, le=999, description="The number of the window or room.")]
AnyFolio = Annotated[str, Field(min_length=1, max_length=20)]
