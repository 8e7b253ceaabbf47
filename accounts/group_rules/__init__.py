"""From groups at the identity provider to Teams and roles here.

`heard` knows who is in which group, `steps` what the rules make of that, `applying` makes it so
and writes it down. Only what a rule gave is ever changed or taken by one.
"""
