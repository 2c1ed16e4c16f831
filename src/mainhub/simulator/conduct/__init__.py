"""How the simulated world behaves at the moment: switches that somebody sets, and who is revoked.

For: producing, on request, what a real tenant does seldom or only to a few: a second factor, a
demanded claim, an expired secret, a revoked session.

Not for: an answer that is slow, broken or missing; that is a fault.
"""

from mainhub.simulator.conduct.standing import Conduct, NotKept, Setting
from mainhub.simulator.conduct.switch import CHOICES, Switch, WrongSetting

__all__ = ["CHOICES", "Conduct", "NotKept", "Setting", "Switch", "WrongSetting"]
