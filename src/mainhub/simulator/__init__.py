"""The simulated Microsoft world: an Entra ID tenant and a company's own service, on loopback.

For: `mainhub dev` and tests, which need a tenant and a protected service without owning either.
The rest of MainHub talks to both over HTTP, exactly as it talks to the real ones.

Not for: production, other people's applications, or shortcuts. Nothing here imports the rest of
`mainhub`, and nothing of `mainhub` but its command line imports this.
"""

from mainhub.simulator.accounts import ACCOUNTS, TENANT_ID, Account
from mainhub.simulator.conduct import Conduct, Switch
from mainhub.simulator.deeds import Deeds
from mainhub.simulator.entra import entra_app
from mainhub.simulator.faults import FaultDesk, Faults, Faulty, FaultyServer, Target
from mainhub.simulator.orders import orders_app
from mainhub.simulator.registration import (
    FederatedCredential,
    Registration,
    ServiceApplication,
)
from mainhub.simulator.scopes import Api

__all__ = [
    "ACCOUNTS",
    "TENANT_ID",
    "Account",
    "Api",
    "Conduct",
    "Deeds",
    "FaultDesk",
    "Faults",
    "Faulty",
    "FaultyServer",
    "FederatedCredential",
    "Registration",
    "ServiceApplication",
    "Switch",
    "Target",
    "entra_app",
    "orders_app",
]
