"""Packaging entry point; everything is in setup.cfg."""

from setuptools import setup

setup()
