"""Who uses it: the Flask application, the command line, certificates and their registers.

Knows the three packages below it; nothing below knows it.
"""
