"""What ``mainhub doctor`` looks into, made from the settings; no running hub is needed."""

from mainhub.app.doctor.doctor import Doctor

__all__ = ["Doctor"]
