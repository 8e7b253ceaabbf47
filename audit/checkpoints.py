"""Where chains begin whose first rows retention removed."""

from __future__ import annotations

from audit import heads
from audit.chain import Base
from audit.models import Checkpoint


def read(organization_id: str | None = None) -> tuple[dict[str, Base], list[str]]:
    """The last checkpoint of each chain, and what is wrong with it where nobody signed it."""
    asked = Checkpoint.objects.order_by("organization_id", "-number").distinct("organization_id")
    if organization_id is not None:
        asked = asked.filter(organization_id=organization_id)
    bases, faults = {}, []
    for each in asked:
        said = each.statement
        place = (each.organization_id, each.number)
        if not heads.is_signed(said) or (said["organization"], said["number"]) != place:
            faults.append(
                f"Organization {each.organization_id}: the checkpoint in place of the rows up to"
                f" seal {each.number} is not signed by this console."
            )
            continue
        bases[each.organization_id] = Base(each.number, said["rows"], bytes.fromhex(said["head"]))
    return bases, faults
