"""Strict doubles of vendors for whom no Debian package offers a server: base.py says how to use them."""
