"""The orders of the sample service, with delivery dates around today."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where an order stands; only `DELIVERED` is no longer open."""

    TO_APPROVE = "to_approve"
    IN_PROGRESS = "in_progress"
    SHIPPED = "shipped"
    LATE = "late"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Order:
    """An order; *due_in* is counted in days from today, so that the book never grows old."""

    id: str
    fr: str
    en: str
    status: Status
    due_in: int

    def delivery(self, today: date) -> date:
        """Return the day of delivery as seen from *today*."""
        return today + timedelta(days=self.due_in)


_ORDERS: Final = (
    Order("20421", "Vannes DN80, lot de 40", "DN80 valves, lot of 40", Status.TO_APPROVE, 9),
    Order("20418", "Pompe de relevage P-12", "Lift pump P-12", Status.SHIPPED, 2),
    Order("20415", "Joints EPDM, 2 000 pièces", "EPDM seals, 2,000 pieces", Status.LATE, -3),
    Order(
        "20412", "Capteurs de niveau, lot de 12", "Level sensors, lot of 12", Status.TO_APPROVE, 14
    ),
    Order("20409", "Câble de commande, 600 m", "Control cable, 600 m", Status.IN_PROGRESS, 6),
    Order("20407", "Variateur 15 kW", "15 kW drive", Status.IN_PROGRESS, 11),
    Order(
        "20404", "Gants de manutention, 300 paires", "Handling gloves, 300 pairs", Status.SHIPPED, 1
    ),
    Order("20401", "Armoire électrique A-07", "Control cabinet A-07", Status.IN_PROGRESS, 21),
    Order("20398", "Brides PN16, lot de 80", "PN16 flanges, lot of 80", Status.TO_APPROVE, 17),
    Order("20394", "Huile hydraulique, 4 fûts", "Hydraulic oil, 4 drums", Status.SHIPPED, 3),
    Order("20390", "Roulements 6205, lot de 60", "6205 bearings, lot of 60", Status.IN_PROGRESS, 8),
    Order(
        "20387", "Filtres à cartouche, lot de 24", "Cartridge filters, lot of 24", Status.SHIPPED, 4
    ),
    Order(
        "20381",
        "Manomètres 0 à 10 bar, lot de 20",
        "0 to 10 bar gauges, lot of 20",
        Status.DELIVERED,
        -6,
    ),
    Order("20376", "Palettes Europe, lot de 50", "Euro pallets, lot of 50", Status.DELIVERED, -12),
)


class OrderBook:
    """All orders, newest first; what is approved stays so until the service restarts."""

    def __init__(self) -> None:
        self._orders = {order.id: order for order in _ORDERS}

    def open_orders(self) -> list[Order]:
        """Return the orders that are not delivered yet."""
        return [order for order in self._orders.values() if order.status is not Status.DELIVERED]

    def find(self, order_id: str) -> Order | None:
        """Return the order *order_id*, open or not, if there is one."""
        return self._orders.get(order_id)

    def approve(self, order: Order) -> Order:
        """Return *order* in progress, which it is from now on."""
        approved = replace(order, status=Status.IN_PROGRESS)
        self._orders[order.id] = approved
        return approved
