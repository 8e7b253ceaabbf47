"""`./console backup` and `./console restore`: everything the console keeps, as one file.

Django-free, like `up`: a restore runs before there is a database.
"""
